import { cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';

import { ConversationList } from '../../src/components/conversations/ConversationList';
import { page } from '../support/services';
import { conversation } from '../support/values';

afterEach(cleanup);

it('opens the first conversation that is found, also when Enter is quicker than the search', async () => {
  const here = await page({
    conversations: ({ query }: { query?: string } = {}) =>
      Promise.resolve({ items: query ? [conversation('Alpha')] : [], next: null })
  });
  const open = vi.spyOn(here.session, 'open').mockResolvedValue();
  here.show(<ConversationList />);
  await userEvent.type(screen.getByTestId('llmhub-conversation-search'), 'al{Enter}');
  expect(open).not.toHaveBeenCalled();
  await waitFor(() => {
    expect(open).toHaveBeenCalledExactlyOnceWith('Alpha');
  });
});
