import type { TranslationBundle } from '@jupyterlab/translation';
import { memo } from 'react';

import { pinIcon, starFilledIcon } from '../../icons';
import type { Mark } from '../../model/map/map';
import { moment } from '../format';
import { Icon } from '../Icon';
import { counted } from '../../counts';

export interface CardProps {
  domId: string;
  messageId: string;
  /** How many messages it stands for. */
  count: number;
  /** Pixels, inside of the layer of cards. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** False: a dot is drawn below it, and only what a screen reader says of it is here. */
  isCard: boolean;
  who: string;
  /** Which of the models' colours; -1: a person's. */
  hue: number;
  at: string;
  words: string;
  /** Joined by blanks. */
  marks: string;
  isOnPath: boolean;
  isHead: boolean;
  isCurrent: boolean;
  isPicked: boolean;
  isDim: boolean;
  level: number;
  position: number;
  beside: number;
  branches: number;
  trans: TranslationBundle;
}

/** What stands around the words in a card, and how high a line of them is. Pixels. */
const AROUND = 24;
const LINE = 16;

/** A message on the map, or a stretch of them. */
export const MapCard = memo(function MapCard(props: CardProps) {
  const { x, y, width, height, isCard, count, who, hue, at, words, trans } = props;
  const marks = props.marks ? (props.marks.split(' ') as Mark[]) : [];
  const isFold = count > 1;
  const lines = Math.floor((height - AROUND) / LINE);
  return (
    <div
      id={props.domId}
      className="jp-llmhub-map-item"
      role="treeitem"
      aria-label={isCard ? undefined : spoken(props, marks)}
      aria-level={props.level}
      aria-posinset={props.position}
      aria-setsize={props.beside}
      aria-selected={props.isCurrent}
      aria-current={props.isHead || undefined}
      aria-expanded={isFold ? false : undefined}
      data-testid="llmhub-map-item"
      data-message={props.messageId}
      data-card={isCard || undefined}
      data-fold={isFold || undefined}
      data-person={hue < 0 || undefined}
      data-path={props.isOnPath || undefined}
      data-head={props.isHead || undefined}
      data-current={props.isCurrent || undefined}
      data-picked={props.isPicked || undefined}
      data-dim={props.isDim || undefined}
      data-marks={props.marks || undefined}
      style={{ transform: `translate(${x - width / 2}px, ${y - height / 2}px)`, width, height }}
    >
      {isCard &&
        (isFold ? (
          <span className="jp-llmhub-map-count">{trans._n('%1 message', '%1 messages', counted(count))}</span>
        ) : (
          <>
            <span className="jp-llmhub-map-who">
              <span
                className="jp-llmhub-map-hue"
                style={hue < 0 ? undefined : { background: `var(--jp-llmhub-map-hue-${hue})` }}
              />
              <span className="jp-llmhub-map-name">{lines < 1 ? words || who : who}</span>
              {marks.map(mark => (
                <MarkSign key={mark} mark={mark} trans={trans} />
              ))}
              {lines >= 1 && width > 130 && <time dateTime={at}>{moment(at)}</time>}
            </span>
            {lines >= 1 && (
              <span className="jp-llmhub-map-words" style={{ WebkitLineClamp: lines }}>
                {words || trans.__('No text')}
              </span>
            )}
            {/* Its name is what it shows, and this. */}
            <span className="jp-llmhub-announcer">{stateOf(props, marks)}</span>
          </>
        ))}
    </div>
  );
});

function MarkSign({ mark, trans }: { mark: Mark; trans: TranslationBundle }) {
  return (
    <span className="jp-llmhub-map-mark" data-mark={mark} title={nameOf(mark, trans)}>
      {mark === 'pinned' && <Icon of={pinIcon} />}
      {mark === 'starred' && <Icon of={starFilledIcon} />}
    </span>
  );
}

/** What a mark means. */
export function nameOf(mark: Mark, trans: TranslationBundle): string {
  switch (mark) {
    case 'running':
      return trans.__('Being answered');
    case 'failed':
      return trans.__('Ended early');
    case 'pinned':
      return trans.__('Pinned');
    case 'starred':
      return trans.__('Starred');
    case 'summary':
      return trans.__('Summarised up to here');
  }
}

/** What a screen reader says of a dot. */
function spoken(props: CardProps, marks: readonly Mark[]): string {
  const { count, who, at, words, trans } = props;
  if (count > 1) {
    return trans._n('%1 message without branches', '%1 messages without branches', counted(count));
  }
  return [`${who}, ${moment(at)}: ${words || trans.__('No text')}`, stateOf(props, marks)]
    .filter(Boolean)
    .join('. ');
}

/** What is seen of it otherwise than in words. */
function stateOf({ isHead, isOnPath, branches, isPicked, trans }: CardProps, marks: readonly Mark[]): string {
  return [
    ...marks.map(mark => nameOf(mark, trans)),
    isHead ? trans.__('You are here') : isOnPath ? trans.__('shown') : '',
    branches > 1 ? trans._n('%1 branch', '%1 branches', branches) : '',
    isPicked ? trans.__('picked for comparing') : ''
  ]
    .filter(Boolean)
    .join('. ');
}
