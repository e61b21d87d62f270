import { useEffect, useRef, useState } from 'react';

import { newChatIcon } from '../../icons';
import { Button } from '../controls';
import { useServices } from '../context';
import { useModel } from '../hooks';
import { ConversationItem } from './ConversationItem';

/** Every conversation, newest first. */
export function ConversationList() {
  const { hub, trans, session } = useServices();
  useModel(session);
  const conversations = useModel(hub.conversations);
  const end = useRef<HTMLLIElement>(null);
  const [filter, setFilter] = useState('');
  const { items } = conversations;

  useEffect(() => {
    void conversations.find(filter);
  }, [conversations, filter]);

  useEffect(() => () => void conversations.find(''), [conversations]);

  useEffect(() => {
    const element = end.current;
    if (!element) {
      return;
    }
    const observer = new IntersectionObserver(entries => {
      if (entries.some(entry => entry.isIntersecting)) {
        void conversations.more();
      }
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [conversations, conversations.items.length, conversations.hasMore]);

  return (
    <div className="jp-llmhub-list" data-testid="llmhub-conversation-list">
      <div className="jp-llmhub-list-head">
        <input
          className="jp-llmhub-field"
          type="search"
          value={filter}
          placeholder={trans.__('Find a conversation')}
          aria-label={trans.__('Find a conversation')}
          onChange={event => {
            setFilter(event.target.value);
          }}
        />
        <Button
          icon={newChatIcon}
          onClick={() => {
            session.newChat();
          }}
        >
          {trans.__('New chat')}
        </Button>
      </div>
      <ul className="jp-llmhub-list-items">
        {items.map(item => (
          <ConversationItem key={item.id} conversation={item} isCurrent={item.id === session.chat.id} />
        ))}
        {conversations.hasMore && <li ref={end} className="jp-llmhub-list-end" aria-hidden="true" />}
      </ul>
      {items.length === 0 && (
        <div className="jp-llmhub-empty">
          {conversations.error?.message ??
            (filter
              ? trans.__('No conversation is called “%1”.', filter)
              : conversations.isLoaded
                ? trans.__('No conversations yet. What you ask is kept here.')
                : trans.__('Loading…'))}
        </div>
      )}
    </div>
  );
}
