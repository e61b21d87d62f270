import { memo, useEffect, useLayoutEffect, useRef } from 'react';

import { useServices } from '../context';

/** One block of Markdown, drawn by JupyterLab. Its mathematics is typeset when the block is closed. */
export const Prose = memo(function Prose({ source, closed }: { source: string; closed: boolean }) {
  const { markdown } = useServices();
  const host = useRef<HTMLDivElement>(null);
  const recalled = useRef(false);

  useLayoutEffect(() => {
    recalled.current = closed && host.current !== null && markdown.recall(source, host.current);
  }, [markdown, source, closed]);

  useEffect(() => {
    if (recalled.current) {
      return;
    }
    let isCurrent = true;
    const draw = async (): Promise<void> => {
      const nodes = await markdown.draw(source);
      if (!isCurrent || !host.current) {
        return;
      }
      host.current.replaceChildren(...nodes);
      host.current.style.minHeight = '';
      if (closed) {
        await markdown.finish(source, host.current);
      }
    };
    void draw();
    return () => {
      isCurrent = false;
    };
  }, [markdown, source, closed]);

  return <div className="jp-llmhub-prose" ref={host} />;
});
