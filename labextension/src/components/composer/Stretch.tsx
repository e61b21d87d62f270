import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';

/** Drawn before it comes into view by so much. Pixels. */
const AHEAD = 400;

interface Props {
  /** What is scrolled. */
  root: RefObject<HTMLElement>;
  /** What the list was asked for: another list is looked at anew. */
  query: string;
  /** It is needed, wherever one looks. */
  isNeeded: boolean;
  /** Until it was drawn. Pixels. */
  height: number;
  children: () => ReactNode;
}

/** A stretch of a long list. It is drawn when somebody comes near it; then it stays. */
export function Stretch({ root, query, isNeeded, height, children }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [nearIn, setNearIn] = useState<string | null>(null);
  const isDrawn = nearIn === query || isNeeded;
  const latest = useRef(query);

  useEffect(() => {
    latest.current = query;
    if (isDrawn) {
      setNearIn(query);
    }
  }, [query, isDrawn]);

  useEffect(() => {
    if (isDrawn || !place.current) {
      return;
    }
    const observer = new IntersectionObserver(
      entries => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) {
          setNearIn(latest.current);
        }
      },
      { root: root.current, rootMargin: `${AHEAD}px 0px` }
    );
    observer.observe(place.current);
    return () => {
      observer.disconnect();
    };
  }, [root, isDrawn]);

  return (
    <div ref={place} role="presentation" style={isDrawn ? undefined : { height }}>
      {isDrawn && children()}
    </div>
  );
}
