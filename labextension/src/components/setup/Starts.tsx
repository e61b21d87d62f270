import type { LabIcon } from '@jupyterlab/ui-components';
import { bugIcon, fileIcon, notebookIcon } from '@jupyterlab/ui-components';
import { useEffect, useMemo, useState } from 'react';

import { fenced } from '../../model/asking';
import type { Sight } from '../../model/surroundings';
import { attachPaths } from '../../model/workspace';
import { useServices } from '../context';
import { moment } from '../format';
import { useModel } from '../hooks';
import { Icon } from '../Icon';

/** A longer traceback goes along as a file instead of standing in the text. Characters. */
const LONG = 2500;
const MOST = 4;
const RECENT = 4;

interface Start {
  readonly key: string;
  readonly label: string;
  readonly icon?: LabIcon;
  readonly caption?: string;
  readonly run: () => void;
}

/** A model is there: ways to begin, from what is open beside the panel, and recent conversations. */
export function Starts() {
  const { hub, trans, session } = useServices();
  const catalogue = useModel(hub.catalogue);
  const isDemo = catalogue.get(session.model)?.kind === 'demo';
  const fromHere = useStartsFromHere();
  const general = useGeneralStarts(isDemo);
  const starts = [...(isDemo ? [] : fromHere), ...general].slice(
    0,
    Math.max(general.length, Math.min(MOST, fromHere.length + 1))
  );
  return (
    <div className="jp-llmhub-welcome" data-testid="llmhub-starts">
      <h2>{trans.__('What are you working on?')}</h2>
      {isDemo && (
        <p className="jp-llmhub-hint">
          {trans.__('The demo model is a script: it shows how answers look, but it understands nothing.')}{' '}
          {catalogue.has('own_providers') && (
            <button
              type="button"
              className="jp-llmhub-link"
              onClick={() => {
                session.screen.show('providers');
              }}
            >
              {trans.__('Set up a model')}
            </button>
          )}
        </p>
      )}
      <div className="jp-llmhub-starts">
        {starts.map(({ key, label, icon, caption, run }) => (
          <button
            key={key}
            type="button"
            className="jp-llmhub-start"
            data-testid="llmhub-start"
            data-start={key}
            onClick={run}
          >
            {icon && <Icon of={icon} tag="span" className="jp-llmhub-start-icon" />}
            <span className="jp-llmhub-start-words">
              {label}
              {caption && <span className="jp-llmhub-start-caption">{caption}</span>}
            </span>
          </button>
        ))}
      </div>
      <RecentChats />
    </div>
  );
}

function RecentChats() {
  const { hub, trans, session } = useServices();
  const { items } = useModel(hub.conversations);
  const recent = items.slice(0, RECENT);
  if (recent.length === 0 || session.screen.hasList) {
    return null;
  }
  return (
    <section className="jp-llmhub-recent" aria-label={trans.__('Recent')}>
      <h3>
        <span>{trans.__('Recent')}</span>
        <button
          type="button"
          className="jp-llmhub-link"
          onClick={() => {
            session.screen.show('conversations');
          }}
        >
          {trans.__('All')}
        </button>
      </h3>
      {recent.map(({ id, title, updated_at, running, unread }) => (
        <button
          key={id}
          type="button"
          className="jp-llmhub-item-open"
          data-testid="llmhub-recent"
          onClick={() => {
            void session.open(id);
            session.focusComposer();
          }}
        >
          {running ? (
            <span className="jp-llmhub-running" role="img" aria-label={trans.__('Answering')} />
          ) : (
            unread && <span className="jp-llmhub-unread" role="img" aria-label={trans.__('Unread')} />
          )}
          <span className="jp-llmhub-item-title">{title ?? trans.__('New chat')}</span>
          <span className="jp-llmhub-item-time">{moment(updated_at)}</span>
        </button>
      ))}
    </section>
  );
}

function useSight(): Sight {
  const { surroundings } = useServices();
  const [sight, setSight] = useState(() => surroundings.look());
  useEffect(() => {
    const look = (): void => {
      setSight(before => {
        const now = surroundings.look();
        return JSON.stringify(now) === JSON.stringify(before) ? before : now;
      });
    };
    look();
    return surroundings.onChange(look);
  }, [surroundings]);
  return sight;
}

function useStartsFromHere(): Start[] {
  const { session, trans, workspace } = useServices();
  const { notebook, failure, file } = useSight();
  return useMemo(() => {
    const starts: Start[] = [];
    const about = (path: string, words: string) => (): void => {
      session.writing.suggest(words);
      void attachPaths(session, workspace, [path]);
    };
    if (notebook && failure) {
      starts.push({
        key: 'failure',
        icon: bugIcon,
        label: trans.__('Explain the error in %1', notebook.name),
        caption: failure.summary,
        run: () => {
          const question = trans.__('Why does this fail, and how do I mend it?');
          const code = `${fenced(failure.source, 'python')}\n\n${fenced(failure.traceback)}`;
          if (code.length > LONG) {
            session.writing.suggest(question);
            void session.writing.attach([
              new File([code], `${trans.__('error')}.md`, { type: 'text/markdown' })
            ]);
          } else {
            session.writing.suggest(`${question}\n\n${code}\n`);
          }
        }
      });
    }
    if (notebook) {
      starts.push({
        key: 'notebook',
        icon: notebookIcon,
        label: trans.__('Explain %1', notebook.name),
        run: about(notebook.path, trans.__('Explain what this notebook does, step by step.'))
      });
      starts.push({
        key: 'review',
        icon: notebookIcon,
        label: trans.__('Find mistakes in %1', notebook.name),
        run: about(
          notebook.path,
          trans.__('Look for mistakes in this notebook, and say how you would mend them.')
        )
      });
    }
    if (file) {
      starts.push({
        key: 'file',
        icon: fileIcon,
        label: trans.__('Explain %1', file.name),
        run: about(file.path, trans.__('Explain this file: what is in it, and what is it for?'))
      });
    }
    return starts;
  }, [notebook, failure, file, session, trans, workspace]);
}

function useGeneralStarts(isDemo: boolean): Start[] {
  const { session, trans } = useServices();
  const texts = isDemo
    ? [trans.__('Show me what you can do'), trans.__('Write some mathematics'), trans.__('Show me a table')]
    : [
        trans.__('Plot a distribution with confidence bands in matplotlib'),
        trans.__('Write a pandas query that joins two tables and counts per group'),
        trans.__('Which test fits my data? Ask me what you need to know')
      ];
  return texts.map(text => ({
    key: text,
    label: text,
    run: () => {
      session.writing.suggest(text);
    }
  }));
}
