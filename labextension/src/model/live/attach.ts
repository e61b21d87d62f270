import { errorInfo } from '../../api/errors';
import { fileOf } from '../notebook';
import type { Session } from '../session';
import { type Consent, consentFor } from './consent';
import { type Snapshot, told } from './snapshot';
import type { Variables } from './variables';

/** Why a variable cannot be attached. */
export type Trouble =
  | { readonly kind: 'no-kernel' | 'busy' | 'gone' }
  | { readonly kind: 'silent'; readonly language: string }
  | { readonly kind: 'failed'; readonly message: string };

/** Attach a variable to the message that is written. Unless its project is trusted, it is shown first as it would leave the machine. */
export async function attachLive(
  name: string,
  session: Session,
  variables: Variables
): Promise<Trouble | null> {
  const { state, project } = variables;
  if (state !== 'ready') {
    return { kind: state };
  }
  let snapshot: Snapshot | null;
  try {
    snapshot = await variables.look(name);
  } catch (thrown) {
    return { kind: 'failed', message: errorInfo(thrown).message };
  }
  if (!snapshot) {
    const { language, isPython } = variables;
    return isPython ? { kind: 'gone' } : { kind: 'silent', language };
  }
  const consent = consentFor(project, session.hub.storage);
  // Columns that stay cannot be found in what a kernel says in words of its own.
  const isKnown = !snapshot.language || snapshot.table !== null || consent.without.length === 0;
  if (consent.isTrusted && isKnown) {
    await session.writing.attach(filesOf(snapshot, consent));
  } else {
    session.desk.show({ snapshot, project });
  }
  return null;
}

/** Exactly what leaves the machine. */
export function filesOf(snapshot: Snapshot, { budget, without }: Consent): readonly File[] {
  const { name, image } = snapshot;
  const { text } = told(snapshot, budget, new Set(without));
  const file = new File([text], `${name}.txt`, { type: 'text/plain' });
  return image === null ? [file] : [file, fileOf(image, `${name}.png`, 'image/png')];
}
