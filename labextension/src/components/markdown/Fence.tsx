import { useDrawing } from '../context';
import { ProposalBlock } from '../proposal/ProposalBlock';
import { CodeBlock } from './CodeBlock';
import { DiagramBlock } from './DiagramBlock';

interface Props {
  code: string;
  language: string;
  /** No more will come. */
  done: boolean;
}

/** What stands between fences: code, or what it draws once it is complete. */
export function Fence({ code, language, done }: Props) {
  const { diagrams } = useDrawing();
  if (language === 'notebook-edits' || language === 'file-edits') {
    return <ProposalBlock code={code} language={language} done={done} />;
  }
  return diagrams && done && language.toLowerCase() === 'mermaid' ? (
    <DiagramBlock code={code} language={language} diagrams={diagrams} />
  ) : (
    <CodeBlock code={code} language={language} done={done} />
  );
}
