import type { Message } from '../../api/schema';
import type { ChatModel } from '../chat';
import { isRunning } from '../node';
import type { Session } from '../session';

/**
 * The answer to what has just been asked, when nothing more of it comes. `known`: what stood in the conversation before. Null where
 * it will not be seen: it could not be sent, another conversation is shown, or the signal says that nobody waits any more.
 */
export function answerBelow(
  session: Session,
  chat: ChatModel,
  known: ReadonlySet<string>,
  signal: AbortSignal
): Promise<Message | null> {
  const look = (): Message | null | undefined => {
    if (signal.aborted || session.chat !== chat || chat.failure !== null) {
      return null;
    }
    const fresh = chat.tree.path.filter(id => !known.has(id)).map(id => chat.node(id)?.message);
    const answer = fresh.find(message => message?.role === 'assistant');
    return answer && !isRunning(answer) ? answer : undefined;
  };
  return new Promise(resolve => {
    const leave: (() => void)[] = [];
    const check = (): void => {
      const found = look();
      if (found !== undefined) {
        leave.forEach(one => {
          one();
        });
        resolve(found);
      }
    };
    leave.push(chat.subscribe(check), session.subscribe(check));
    signal.addEventListener('abort', check);
    leave.push(() => {
      signal.removeEventListener('abort', check);
    });
    check();
  });
}
