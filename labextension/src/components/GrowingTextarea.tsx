import { forwardRef, type TextareaHTMLAttributes, useImperativeHandle, useLayoutEffect, useRef } from 'react';

interface Props extends Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange' | 'value'> {
  value: string;
  onChange: (value: string) => void;
}

/** A text field as high as its text, up to what the style allows. */
export const GrowingTextarea = forwardRef<HTMLTextAreaElement, Props>(function GrowingTextarea(
  { value, onChange, ...rest },
  outer
) {
  const field = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle<HTMLTextAreaElement | null, HTMLTextAreaElement | null>(outer, () => field.current, []);

  useLayoutEffect(() => {
    if (field.current && !isGrowing) {
      fit(field.current);
    }
  }, [value]);

  useLayoutEffect(() => {
    const element = field.current;
    if (!element || isGrowing) {
      return;
    }
    let lastWidth = 0;
    const observer = new ResizeObserver(entries => {
      const width = entries[0]?.contentRect.width ?? 0;
      if (width !== lastWidth) {
        lastWidth = width;
        fit(element);
      }
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);

  return (
    <textarea
      ref={field}
      rows={1}
      value={value}
      onChange={event => {
        onChange(event.target.value);
      }}
      {...rest}
    />
  );
});

/** The browser does it by itself, without a layout per key: the style says `field-sizing: content`. */
const isGrowing = typeof CSS !== 'undefined' && 'supports' in CSS && CSS.supports('field-sizing', 'content');

function fit(element: HTMLTextAreaElement): void {
  element.style.height = 'auto';
  element.style.height = `${element.scrollHeight}px`;
}
