import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';

import type { Preview } from '../../model/desk';
import { filesOf } from '../../model/live/attach';
import { consentFor, LEAST, MOST, remember, within } from '../../model/live/consent';
import { told } from '../../model/live/snapshot';
import { estimate } from '../../model/tokens';
import { useServices } from '../context';
import { Button } from '../controls';
import { bytes } from '../format';
import { aboutTokens } from '../composer/words';

/** What would leave the machine of a variable, to the letter, before it does. */
export function View() {
  const { session } = useServices();
  const { preview } = session.desk;
  return preview && <Shown key={preview.snapshot.name} preview={preview} />;
}

function Shown({ preview: { snapshot, project } }: { preview: Preview }) {
  const { hub, session, trans } = useServices();
  const [kept] = useState(() => consentFor(project, hub.storage));
  const [without, setWithout] = useState<ReadonlySet<string>>(() => new Set(kept.without));
  const [budget, setBudget] = useState(String(kept.budget));
  const [isTrusted, setTrusted] = useState(false);
  const title = useId();
  const attachButton = useRef<HTMLDivElement>(null);
  const { table, image, name } = snapshot;
  const limit = within(Number(budget));
  const { text, size, isCut } = told(snapshot, limit, without);

  useEffect(() => {
    attachButton.current?.querySelector('button')?.focus();
  }, []);

  const close = (): void => {
    session.desk.close();
    session.focusComposer();
  };
  const attach = (): void => {
    const consent = { isTrusted, budget: limit, without: [...without] };
    remember(project, consent, hub.storage);
    void session.writing.attach(filesOf(snapshot, consent));
    close();
  };
  const toggle = (column: string): void => {
    setWithout(before => {
      const after = new Set(before);
      if (!after.delete(column)) {
        after.add(column);
      }
      return after;
    });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };
  return (
    <div
      className="jp-llmhub-paste jp-llmhub-live"
      role="dialog"
      aria-labelledby={title}
      data-testid="llmhub-live"
      onKeyDown={onKeyDown}
    >
      <h3 id={title} className="jp-llmhub-card-title">
        {trans.__('This leaves your machine of “%1”', name)}
      </h3>
      {table && (
        <fieldset className="jp-llmhub-live-columns">
          <legend>{trans.__('Columns that go along')}</legend>
          {table.columns.map(({ name: column, type }) => (
            <label key={column} title={type}>
              <input
                type="checkbox"
                checked={!without.has(column)}
                onChange={() => {
                  toggle(column);
                }}
              />
              {column}
            </label>
          ))}
        </fieldset>
      )}
      {snapshot.language && (
        <div className="jp-llmhub-live-note" data-testid="llmhub-live-note">
          {table
            ? trans.__(
                'As the kernel for %1 shows it: it counts no missing values and gives no statistics.',
                snapshot.language
              )
            : trans.__(
                'In the words of the kernel for %1: columns cannot be left out of them.',
                snapshot.language
              )}
        </div>
      )}
      <pre
        className="jp-llmhub-live-text"
        tabIndex={0}
        role="group"
        aria-label={trans.__('Text')}
        data-testid="llmhub-live-text"
      >
        {text}
      </pre>
      {image && <img src={`data:image/png;base64,${image}`} alt={trans.__('Image of %1', name)} />}
      <div className="jp-llmhub-live-line">
        <label>
          {trans.__('At most')}{' '}
          <input
            type="number"
            className="jp-llmhub-field"
            min={LEAST}
            max={MOST}
            step={500}
            value={budget}
            data-testid="llmhub-live-budget"
            onChange={event => {
              setBudget(event.target.value);
            }}
          />{' '}
          {trans.__('bytes')}
        </label>
        <span data-testid="llmhub-live-size">
          {bytes(size)} · {aboutTokens(estimate(text), trans)}
          {isCut && ` · ${trans.__('cut to fit')}`}
        </span>
      </div>
      <label className="jp-llmhub-live-trust">
        <input
          type="checkbox"
          checked={isTrusted}
          onChange={event => {
            setTrusted(event.target.checked);
          }}
        />
        {project
          ? trans.__('From now on attach variables of %1 without showing them, in this way', project)
          : trans.__('From now on attach variables of this project without showing them, in this way')}
      </label>
      <div className="jp-llmhub-paste-buttons" ref={attachButton}>
        <Button accent onClick={attach} testId="llmhub-live-attach">
          {trans.__('Attach')}
        </Button>
        <Button onClick={close}>{trans.__('Cancel')}</Button>
      </div>
    </div>
  );
}
