import { memo, useRef } from 'react';

import { type Block, BlockSplitter, readCode } from '../../markdown/blocks';
import { CodeBlock } from './CodeBlock';
import { Prose } from './Prose';

/** Markdown that may still be growing at its end. Only the last block is drawn again when more arrives. */
export function Markdown({ text, done }: { text: string; done: boolean }) {
  const splitter = useRef<BlockSplitter | null>(null);
  splitter.current ??= new BlockSplitter();
  const blocks = splitter.current.split(text, done);
  return (
    <div className="jp-llmhub-markdown jp-RenderedHTMLCommon">
      {blocks.map((block, index) => (
        // A block keeps its place for ever, so its index is its name.
        <BlockView key={index} block={block} />
      ))}
    </div>
  );
}

const BlockView = memo(
  function BlockView({ block }: { block: Block }) {
    if (block.type === 'code') {
      const { code, language } = readCode(block.raw);
      return <CodeBlock code={code} language={language} />;
    }
    return <Prose source={block.raw} closed={block.closed} />;
  },
  (before, after) =>
    before.block.raw === after.block.raw &&
    before.block.type === after.block.type &&
    before.block.closed === after.block.closed
);
