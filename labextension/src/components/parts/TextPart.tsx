import type { TextPart as Text } from '../../api/schema';
import { textOf } from '../../model/node';
import type { PartProps } from '../../registries/parts';
import { Markdown } from '../markdown/Markdown';
import { Speaking } from '../message/speaking';

/** What somebody said. A person's words stand as they were typed, a model's are Markdown. */
export function TextPart({ parts, message, done }: PartProps<Text>) {
  const text = textOf(parts);
  if (message.role === 'user') {
    return <div className="jp-llmhub-plain">{text}</div>;
  }
  return (
    <Speaking.Provider value={message}>
      <Markdown text={text} done={done} />
    </Speaking.Provider>
  );
}
