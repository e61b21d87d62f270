import { memo, useRef } from 'react';

import { type Block, BlockSplitter } from '../../markdown/blocks';
import { readCode } from '../../markdown/fence';
import { mend } from '../../markdown/mend';
import { useDrawing } from '../context';
import { Fence } from './Fence';
import { useGradually } from './gradual';
import { Prose } from './Prose';
import { useSteadyText } from './steady';

/** Markdown that may still be growing at its end. Only the last block is drawn again when more arrives. */
export function Markdown({ text, done }: { text: string; done: boolean }) {
  const { grammar } = useDrawing().markdown;
  const splitter = useRef<BlockSplitter | null>(null);
  splitter.current ??= new BlockSplitter(grammar);
  const steady = useSteadyText(text, done);
  const blocks = splitter.current.split(steady.text, steady.done);
  const { head, tail } = useGradually(blocks.length);
  const draw = (block: Block, index: number) => (
    // A block keeps its place for ever, so its index is its name.
    <BlockView key={index} block={block} isLast={index === blocks.length - 1} />
  );
  return (
    <div className="jp-llmhub-markdown jp-RenderedHTMLCommon" aria-busy={!steady.done || undefined}>
      {blocks.slice(0, head).map(draw)}
      {head < tail && <div key="rest" style={{ height: roughly(blocks.slice(head, tail)) }} />}
      {blocks.slice(tail).map((block, at) => draw(block, tail + at))}
    </div>
  );
}

/** How high blocks will be that are drawn in a moment. Pixels. */
function roughly(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { raw }) => sum + 20 + raw.length / 3, 0);
}

interface Props {
  block: Block;
  isLast: boolean;
}

const BlockView = memo(
  function BlockView({ block, isLast }: Props) {
    const { type, raw, closed, links } = block;
    const source = isLast && !closed ? mend(raw, type) : raw;
    if (!source.trim()) {
      return null;
    }
    if (type === 'code') {
      const { code, language, isClosed } = readCode(source);
      return <Fence code={code} language={language} done={closed || isClosed} />;
    }
    return <Prose source={source} links={links} closed={closed} />;
  },
  (before, after) =>
    before.block.raw === after.block.raw &&
    before.block.type === after.block.type &&
    before.block.closed === after.block.closed &&
    before.block.links === after.block.links &&
    (before.isLast === after.isLast || after.block.closed)
);
