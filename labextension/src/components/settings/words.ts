import type { TranslationBundle } from '@jupyterlab/translation';

import type { ConfigNotice, LockView, OwnSetting } from '../../api/schema';
import { originOf } from '../../model/settings';

/** Where a value came from, as a person would say it. */
export function originWords(source: string, trans: TranslationBundle): string {
  const origin = originOf(source);
  switch (origin.kind) {
    case 'file':
      return origin.line === null
        ? trans.__('from %1', origin.path)
        : trans.__('from %1, line %2', origin.path, origin.line);
    case 'environment':
      return trans.__('from the environment variable %1', origin.name);
    case 'host':
      return trans.__('from Jupyter’s configuration');
    case 'user':
      return trans.__('yours');
    case 'default':
      return trans.__('default');
  }
}

/** A value as a person would say it; `none` stands for nothing. */
export function valueWords(value: unknown, none: string, trans: TranslationBundle): string {
  if (value === null || value === undefined || value === '') {
    return none;
  }
  if (typeof value === 'boolean') {
    return value ? trans.__('on') : trans.__('off');
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/** Who keeps a setting from being changed, and where that stands. */
export function lockWords(lock: LockView, trans: TranslationBundle): string {
  return trans.__(
    'Locked by the administrator: “%1” is under `locked`, %2.',
    lock.name,
    originWords(lock.source, trans)
  );
}

/** What a setting is called, what it is for, and what holds where nothing is set. A setting not known here says its own words. */
export function settingWords(
  setting: OwnSetting,
  trans: TranslationBundle
): { title: string; about: string; none: string } {
  const none = trans.__('not set');
  switch (setting.key) {
    case 'default_model':
      return {
        title: trans.__('Model of new chats'),
        about: trans.__(
          'An id such as provider/model, or an alias. In a browser that has chatted before, the model used last comes first.'
        ),
        none: trans.__('the first that can answer')
      };
    case 'completion_model':
      return {
        title: trans.__('Model that completes code'),
        about: trans.__(
          'Best a small and quick one. It is asked while you type, once you switch on “Complete code as it is typed” in the command palette or in JupyterLab’s settings of the inline completer; it sees the code, the cells around it, and the names of variables.'
        ),
        none: trans.__('the model of new chats')
      };
    case 'limits.usd_per_day':
      return {
        title: trans.__('Ceiling of spending per day (US dollars)'),
        about: trans.__('When a day has cost so much, you are asked before more is spent.'),
        none: trans.__('no ceiling')
      };
    case 'limits.usd_per_month':
      return {
        title: trans.__('Ceiling of spending per month (US dollars)'),
        about: trans.__('The same for a calendar month.'),
        none: trans.__('no ceiling')
      };
    case 'limits.time_zone':
      return {
        title: trans.__('Time zone'),
        about: trans.__('Where days and months begin at midnight, such as Europe/Zurich.'),
        none: trans.__('that of the server')
      };
    case 'kernel_access':
      return {
        title: trans.__('Let notebooks use my models'),
        about: trans.__(
          'Kernels that start from now on get OPENAI_BASE_URL, OPENAI_API_KEY and the same for Anthropic, so that any library in a notebook works at once. Their key opens the models and nothing else, and dies with the kernel. Code in a notebook can then spend what the models cost.'
        ),
        none
      };
    default:
      return { title: setting.key, about: setting.description, none };
  }
}

/** What is to be known of the configuration, and the place, if it has one. */
export function noticeWords(notice: ConfigNotice, trans: TranslationBundle): { title: string; text: string } {
  const { source, line } = notice.details as { source?: string; line?: number };
  const path = source?.replace(/^file /, '') ?? 'llmhub.yaml';
  switch (notice.code) {
    case 'file_broken':
      return {
        title:
          line === undefined
            ? trans.__('%1 cannot be used as it stands. What held before goes on.', path)
            : trans.__('%1 cannot be used as it stands (line %2). What held before goes on.', path, line),
        text: [
          notice.message.replace(/^llmhub\.yaml was changed[^;]*; what held before goes on\. /, ''),
          notice.hint
        ]
          .filter(Boolean)
          .join(' ')
      };
    case 'restart_needed':
      return {
        title: trans.__('A setting was changed that counts after a restart of the server.'),
        text: notice.message
      };
    case 'warning':
      return { title: notice.message, text: notice.hint };
  }
}
