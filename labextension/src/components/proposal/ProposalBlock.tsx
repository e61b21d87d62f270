import { useServices } from '../context';
import { CodeBlock } from '../markdown/CodeBlock';
import { Late } from '../Late';

const load = () => import('./ProposalCard');

/** Changes to a notebook in an answer: how far they are while they are written, then a card to accept or refuse them. */
export function ProposalBlock({ code, language, done }: { code: string; language: string; done: boolean }) {
  const { notebooks, trials, trans } = useServices();
  if (!notebooks || !trials) {
    return <CodeBlock code={code} language={language} done={done} />;
  }
  if (!done) {
    const isText = language === 'file-edits';
    const count = code.match(isText ? />>>>>>> REPLACE/g : /"op"\s*:/g)?.length ?? 0;
    return (
      <div className="jp-llmhub-proposal" aria-busy="true" data-testid="llmhub-proposal-coming">
        <p className="jp-llmhub-proposal-note">
          {isText
            ? trans._n('Writing changes to the file: %1…', 'Writing changes to the file: %1…', count)
            : count === 0
              ? trans.__('Writing changes to the notebook…')
              : trans._n(
                  'Writing changes to the notebook: %1…',
                  'Writing changes to the notebook: %1…',
                  count
                )}
        </p>
      </div>
    );
  }
  return <Late load={load} given={{ code, notebooks, trials }} />;
}
