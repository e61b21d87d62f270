import type { Item } from '../../model/map/lanes';
import type { ConversationMap } from '../../model/map/map';
import { textOf } from '../../model/node';
import { useServices } from '../context';
import { moment } from '../format';
import { nameOf } from './MapCard';
import { counted } from '../../counts';

/** No more of a message than can be seen here, in signs. */
const MOST = 600;

/** What the pointer or the keys are at, in more words. */
export function MapPreview({ map, item }: { map: ConversationMap; item: Item }) {
  const { trans, hub, session } = useServices();
  const node = map.node(item.id);
  const last = item.ids.at(-1) ?? item.id;
  const message = session.chat.node(item.id)?.message;
  const said = message ? textOf(message.parts).trim().slice(0, MOST) : '';
  const isFold = item.ids.length > 1;
  const who = node?.role === 'user' ? trans.__('You') : hub.catalogue.label(node?.model ?? '');
  return (
    <div className="jp-llmhub-map-preview" data-testid="llmhub-map-preview">
      <div className="jp-llmhub-map-preview-head">
        <strong>
          {isFold
            ? trans._n('%1 message', '%1 messages', counted(item.ids.length))
            : who || trans.__('Answer')}
        </strong>
        <span>
          {[
            moment(node?.created_at ?? ''),
            ...(isFold ? [] : map.marksOf(item.id).map(mark => nameOf(mark, trans)))
          ].join(' · ')}
        </span>
      </div>
      <div className="jp-llmhub-map-preview-words">
        {isFold ? (
          <>
            {map.words(item.id)}
            <br />…<br />
            {map.words(last)}
          </>
        ) : (
          said || map.words(item.id) || trans.__('No text')
        )}
      </div>
    </div>
  );
}
