import { checkIcon, copyIcon } from '@jupyterlab/ui-components';
import { memo, useEffect, useRef } from 'react';

import { copyText } from '../clipboard';
import { IconButton } from '../controls';
import { useServices } from '../context';
import { useFlash } from '../hooks';

/** Code in the colours of JupyterLab's editor, with its language and a button to copy it. */
export const CodeBlock = memo(function CodeBlock({ code, language }: { code: string; language: string }) {
  const { languages, trans } = useServices();
  const host = useRef<HTMLElement>(null);
  const work = useRef<{ busy: boolean; next: string | null }>({ busy: false, next: null });
  const [copied, flash] = useFlash();
  const known = language ? (languages?.findBest(language) ?? null) : null;

  useEffect(() => {
    const element = host.current;
    if (!element) {
      return;
    }
    if (!known || !languages) {
      element.textContent = code;
      return;
    }
    // Loading a language takes a while; what arrives meanwhile is coloured once, afterwards.
    const state = work.current;
    const colour = async (source: string): Promise<void> => {
      state.busy = true;
      const coloured = document.createElement('code');
      try {
        await languages.highlight(source, known, coloured);
      } catch {
        coloured.textContent = source;
      }
      element.replaceChildren(...coloured.childNodes);
      state.busy = false;
      const { next } = state;
      state.next = null;
      if (next !== null) {
        await colour(next);
      }
    };
    if (state.busy) {
      state.next = code;
      element.textContent = code;
    } else {
      if (!element.hasChildNodes()) {
        element.textContent = code;
      }
      void colour(code);
    }
  }, [code, known, languages]);

  const copy = (): void => {
    copyText(code);
    flash();
  };

  return (
    <div className="jp-llmhub-code">
      <div className="jp-llmhub-code-head">
        <span className="jp-llmhub-code-language">
          {known?.displayName ?? known?.name ?? (language || trans.__('text'))}
        </span>
        <IconButton
          icon={copied ? checkIcon : copyIcon}
          label={copied ? trans.__('Copied') : trans.__('Copy code')}
          onClick={copy}
        />
      </div>
      <pre tabIndex={0} aria-label={trans.__('Code')}>
        <code ref={host} />
      </pre>
    </div>
  );
});
