import type { TranslationBundle } from '@jupyterlab/translation';
import { type KeyboardEvent, useRef } from 'react';

import type { ForkMode } from '../../model/copies';
import { useServices } from '../context';
import { Popover } from '../Popover';

interface Props {
  anchor: HTMLElement;
  onChoose: (mode: ForkMode) => void;
  onClose: () => void;
}

const MODES: readonly ForkMode[] = ['path', 'branches', 'to_here', 'from_here'];

/** What a new conversation takes along from this one, in words and in a tiny picture each. */
export function ForkChoice({ anchor, onChoose, onClose }: Props) {
  const { trans } = useServices();
  const list = useRef<HTMLDivElement>(null);
  const words = wordsOf(trans);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const all = [...(list.current?.querySelectorAll('button') ?? [])];
      const at = all.findIndex(one => one === document.activeElement);
      all[(at + step + all.length) % all.length]?.focus();
    }
  };
  return (
    <Popover
      anchor={anchor}
      label={trans.__('Fork into a new conversation')}
      className="jp-llmhub-fork"
      testId="llmhub-fork"
      onClose={onClose}
    >
      <strong>{trans.__('Fork into a new conversation')}</strong>
      <div ref={list} role="group" aria-label={trans.__('What it takes along')} onKeyDown={onKeyDown}>
        {MODES.map((mode, at) => (
          <button
            key={mode}
            type="button"
            className="jp-llmhub-fork-mode"
            data-testid={`llmhub-fork-${mode}`}
            autoFocus={at === 0}
            onClick={() => {
              onClose();
              onChoose(mode);
            }}
          >
            <Picture mode={mode} />
            <span>
              <span className="jp-llmhub-fork-name">{words[mode][0]}</span>
              <span className="jp-llmhub-hint">{words[mode][1]}</span>
            </span>
          </button>
        ))}
      </div>
    </Popover>
  );
}

function wordsOf(trans: TranslationBundle): Readonly<Record<ForkMode, readonly [string, string]>> {
  return {
    path: [
      trans.__('Only this branch, up to here'),
      trans.__('What leads to this message, and nothing else')
    ],
    branches: [
      trans.__('Up to here, with other versions'),
      trans.__('What leads here, and the versions beside each message of it')
    ],
    to_here: [
      trans.__('All branches, down to here'),
      trans.__('Everything down to the level of this message')
    ],
    from_here: [
      trans.__('From here on'),
      trans.__('This message and all that follows, without what came before')
    ]
  };
}

/** A small tree: where each message stands, which one is above it, and which forks take it along. */
const TREE: readonly { x: number; y: number; above: number; modes: string }[] = [
  { x: 10, y: 6, above: -1, modes: 'path branches to_here' },
  { x: 10, y: 18, above: 0, modes: 'path branches to_here' },
  { x: 22, y: 18, above: 0, modes: 'branches to_here' },
  { x: 10, y: 30, above: 1, modes: 'path branches to_here from_here' },
  { x: 34, y: 30, above: 2, modes: 'to_here' },
  { x: 10, y: 42, above: 3, modes: 'from_here' },
  { x: 22, y: 42, above: 3, modes: 'from_here' }
];
const HERE = 3;

function Picture({ mode }: { mode: ForkMode }) {
  const has = (at: number): boolean => TREE[at]?.modes.split(' ').includes(mode) ?? false;
  return (
    <svg className="jp-llmhub-fork-picture" width="44" height="48" viewBox="0 0 44 48" aria-hidden="true">
      {TREE.map(({ x, y, above }, at) => {
        const from = TREE[above];
        return (
          from && (
            <path
              key={`line-${at}`}
              d={`M${from.x} ${from.y}V${y - 6}H${x}V${y}`}
              data-taken={(has(at) && has(above)) || undefined}
            />
          )
        );
      })}
      {TREE.map(({ x, y }, at) => (
        <circle key={at} cx={x} cy={y} r={at === HERE ? 4.5 : 3.5} data-taken={has(at) || undefined} />
      ))}
    </svg>
  );
}
