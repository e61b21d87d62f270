import { codeIcon } from '@jupyterlab/ui-components';
import { type RefObject, useEffect, useRef, useState, useSyncExternalStore } from 'react';

import { diagramIcon } from '../../icons';
import type { Diagram, Diagrams, Fault } from '../../markdown/diagrams';
import { useDrawing } from '../context';
import { IconButton } from '../controls';
import { CodeBlock } from './CodeBlock';

interface Props {
  code: string;
  language: string;
  diagrams: Diagrams;
}

/** A diagram of Mermaid, and its code one click away. One that cannot be drawn is its code, with a word about why. */
export function DiagramBlock({ code, language, diagrams }: Props) {
  const { trans } = useDrawing();
  const host = useRef<HTMLDivElement>(null);
  const version = useSyncExternalStore(diagrams.subscribe, diagrams.version);
  const [diagram, setDiagram] = useState<Diagram | null>(() => diagrams.known(code));
  const [isBroken, setBroken] = useState(false);
  const [showsCode, setShowsCode] = useState(false);
  const isNear = useNearness(host);

  useEffect(() => {
    if (!isNear) {
      return;
    }
    let isCurrent = true;
    void diagrams.draw(code).then(drawn => {
      if (isCurrent) {
        // What was drawn for the theme before stays until this one is there.
        setDiagram(drawn);
        setBroken(false);
      }
    });
    return () => {
      isCurrent = false;
    };
  }, [diagrams, code, isNear, version]);

  const words: Record<Fault, string> = {
    large: trans.__('Not drawn: this diagram is too large.'),
    unsafe: trans.__(
      'Not drawn: a diagram with addresses, images or HTML could fetch something from elsewhere.'
    ),
    broken: trans.__('Not drawn: this cannot be read as a diagram.')
  };
  const picture = diagram && 'picture' in diagram && !isBroken ? diagram.picture : null;
  const fault = isBroken ? 'broken' : diagram && 'fault' in diagram ? diagram.fault : null;
  const line = diagram && 'fault' in diagram ? diagram.line : undefined;
  return (
    <div ref={host} className="jp-llmhub-diagram" data-testid="llmhub-diagram" data-drawn={picture !== null}>
      <CodeBlock
        code={code}
        language={language}
        done
        note={
          fault
            ? line === undefined
              ? words[fault]
              : trans.__('Not drawn: line %1 cannot be read as a diagram.', line)
            : undefined
        }
        tool={
          picture && (
            <IconButton
              icon={showsCode ? diagramIcon : codeIcon}
              label={showsCode ? trans.__('Show the diagram') : trans.__('Show the code')}
              testId="llmhub-diagram-toggle"
              onClick={() => {
                setShowsCode(!showsCode);
              }}
            />
          )
        }
        picture={
          picture && !showsCode ? (
            <div className="jp-llmhub-diagram-picture" tabIndex={0}>
              <img
                src={picture.url}
                width={picture.width}
                height={picture.height}
                alt={picture.description || trans.__('Diagram')}
                onError={() => {
                  setBroken(true);
                }}
              />
            </div>
          ) : undefined
        }
      />
    </div>
  );
}

/** True once `ref` is near what is seen. */
function useNearness(ref: RefObject<Element>): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    if (!ref.current || isNear) {
      return;
    }
    const watch = new IntersectionObserver(
      entries => {
        if (entries.some(entry => entry.isIntersecting)) {
          setNear(true);
        }
      },
      { rootMargin: '600px 0px' }
    );
    watch.observe(ref.current);
    return () => {
      watch.disconnect();
    };
  }, [ref, isNear]);
  return isNear;
}
