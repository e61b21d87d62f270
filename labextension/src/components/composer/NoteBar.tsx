import { closeIcon } from '@jupyterlab/ui-components';

import { useServices } from '../context';
import { IconButton } from '../controls';
import { useModel } from '../hooks';

/** A word about what has just been done from the composer. */
export function NoteBar() {
  const { trans, session } = useServices();
  const { note } = useModel(session).desk;
  if (!note) {
    return null;
  }
  return (
    <div
      className="jp-llmhub-said"
      role={note.isProblem ? 'alert' : 'status'}
      data-problem={note.isProblem || undefined}
      data-testid="llmhub-note"
    >
      <span>{note.text}</span>
      <IconButton
        icon={closeIcon}
        label={trans.__('Close')}
        onClick={() => {
          session.desk.say(null);
        }}
      />
    </div>
  );
}
