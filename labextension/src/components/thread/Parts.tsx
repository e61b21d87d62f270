import type { Part } from '../../api/schema';
import { isRunning, type Node } from '../../model/node';
import { useServices } from '../context';
import { useModel } from '../hooks';

interface Group {
  type: string;
  index: number;
  parts: Part[];
}

/** The parts of a message, each drawn by whoever registered for its type. */
export function Parts({ node }: { node: Node }) {
  const registry = useModel(useServices().parts);
  const { message } = node;
  const groups = group(message.parts, type => registry.get(type)?.joins ?? false);
  return (
    <>
      {groups.map(({ type, index, parts }, at) => {
        const renderer = registry.get(type);
        if (!renderer) {
          return null;
        }
        const done = !isRunning(message) || at < groups.length - 1;
        return (
          <renderer.component
            key={index}
            parts={parts}
            index={index}
            node={node}
            message={message}
            done={done}
          />
        );
      })}
    </>
  );
}

function group(parts: readonly Part[], joins: (type: string) => boolean): Group[] {
  const groups: Group[] = [];
  for (const [index, part] of parts.entries()) {
    const last = groups.at(-1);
    if (last?.type === part.type && joins(part.type)) {
      last.parts.push(part);
    } else {
      groups.push({ type: part.type, index, parts: [part] });
    }
  }
  return groups;
}
