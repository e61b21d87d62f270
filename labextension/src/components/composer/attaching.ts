import { attachLive } from '../../model/live/attach';
import { attachPaths } from '../../model/workspace';
import type { Services } from '../context';
import { troubleWords } from '../live/words';
import type { Choice } from './options';

/** Attach what was chosen in a menu; what cannot be is said in the panel. Choices of other kinds attach nothing. */
export async function attachChoice(
  choice: Choice,
  { session, workspace, nearby, trans }: Pick<Services, 'session' | 'workspace' | 'nearby' | 'trans'>
): Promise<void> {
  switch (choice.do) {
    case 'file':
      await attachPaths(session, workspace, [choice.path]);
      break;
    case 'nearby':
      await session.writing.attach(await (nearby?.take(choice.kind) ?? []));
      break;
    case 'variable': {
      const trouble = nearby && (await attachLive(choice.name, session, nearby.variables));
      if (trouble) {
        session.desk.say(troubleWords(choice.name, trouble, trans), true);
      }
      break;
    }
  }
}
