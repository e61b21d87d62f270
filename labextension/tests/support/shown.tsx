import type { Message } from '../../src/api/schema';
import { MessageView } from '../../src/components/message/MessageView';
import type { Page } from './services';
import { asked } from './values';

export const question = asked('m1', 'question');
export const under = { parent_id: 'm1' };

/** Show the last of `messages`, which are a path. */
export async function showLast(here: Page, ...messages: Message[]): Promise<void> {
  here.server.add(...messages);
  await here.session.open('c1');
  here.show(<MessageView chat={here.session.chat} id={messages.at(-1)!.id} isLast />);
}
