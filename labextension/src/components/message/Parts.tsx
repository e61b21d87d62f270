import type { Part } from '../../api/schema';
import { isRunning, type Node } from '../../model/node';
import { useServices } from '../context';
import { useModel } from '../hooks';
import { Work } from './Work';

interface Group {
  type: string;
  index: number;
  parts: Part[];
}

/** The parts of a message, each drawn by whoever registered for its type. The steps of a finished turn are folded away. */
export function Parts({ node }: { node: Node }) {
  const registry = useModel(useServices().parts);
  const { message } = node;
  const groups = group(message.parts, type => registry.get(type)?.joins ?? false);
  const work = isRunning(message) ? 0 : lengthOfWork(groups);
  const draw = ({ type, index, parts }: Group, at: number) => {
    const renderer = registry.get(type);
    if (!renderer) {
      return null;
    }
    const done = !isRunning(message) || at < groups.length - 1;
    return (
      <renderer.component key={index} parts={parts} index={index} node={node} message={message} done={done} />
    );
  };
  return (
    <>
      {work > 0 && (
        <Work node={node} steps={groups.slice(0, work).filter(isStep).length}>
          {groups.slice(0, work).map(draw)}
        </Work>
      )}
      {groups.slice(work).map((one, at) => draw(one, work + at))}
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

function isStep({ type }: Group): boolean {
  return type === 'reasoning' || type === 'tool_call';
}

/** How many groups come before the answer itself, where a model did several things for it and used a tool. */
function lengthOfWork(groups: readonly Group[]): number {
  const end = groups.findLastIndex(one => isStep(one) || one.type === 'tool_result') + 1;
  const steps = groups.filter(isStep);
  const hasAnswer = groups.slice(end).some(one => one.type === 'text');
  return hasAnswer && steps.length > 1 && steps.some(one => one.type === 'tool_call') ? end : 0;
}
