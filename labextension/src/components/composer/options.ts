import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { fileIcon, notebookIcon } from '@jupyterlab/ui-components';

import { attachIcon, chatIcon, commandIcon, variableIcon } from '../../icons';
import type { FileFinder } from '../../model/finder';
import { fuzzy } from '../../model/fuzzy';
import type { Silence } from '../../model/live/variables';
import type { Kind, Nearby } from '../../model/nearby';
import type { Session } from '../../model/session';
import { nameOf } from '../../model/workspace';
import { type SlashCommand, type SlashCommands, typedIn } from '../../registries/slash';

/** What choosing an option does. */
export type Choice =
  | { readonly do: 'complete'; readonly text: string }
  | { readonly do: 'run'; readonly command: SlashCommand; readonly argument: string }
  | { readonly do: 'model'; readonly id: string }
  | { readonly do: 'file'; readonly path: string }
  | { readonly do: 'computer' }
  | { readonly do: 'nearby'; readonly kind: Kind }
  | { readonly do: 'variable'; readonly name: string };

export interface Option {
  readonly id: string;
  readonly group: 'commands' | 'choices' | 'notebook' | 'variables' | 'models' | 'files';
  readonly icon: LabIcon;
  readonly label: string;
  /** Where the letters stand that were typed. */
  readonly at: readonly number[];
  readonly detail: string;
  /** Why it cannot be chosen now. */
  readonly whyNot: string | null;
  readonly choice: Choice;
}

/** What the menu says where there is nothing to choose. */
export type Saying =
  | { readonly kind: 'no-command'; readonly name: string }
  | { readonly kind: 'no-choice'; readonly query: string }
  | { readonly kind: 'nothing-found'; readonly query: string; readonly isLooking: boolean }
  | { readonly kind: 'not-found'; readonly query: string }
  | { readonly kind: 'argument'; readonly command: SlashCommand }
  | { readonly kind: 'silence'; readonly silence: Silence };

export interface MenuState {
  readonly kind: 'command' | 'mention' | 'attach';
  /** The part of the text that the choice takes the place of. */
  readonly from: number;
  readonly to: number;
  readonly options: readonly Option[];
  readonly saying: Saying | null;
}

/** What the menu is made of. */
export interface MenuSources {
  readonly session: Session;
  readonly slash: SlashCommands;
  readonly files: FileFinder;
  readonly nearby: Nearby | null;
}

type AttachSources = Pick<MenuSources, 'files' | 'nearby'> & { readonly trans: TranslationBundle };

const MENTION = /(?:^|[\s(])@([^\s@]*)$/;
const MODELS = 4;
const FILES = 8;
/** Before anything is typed, so that what else there is can be seen. */
const FEW_FILES = 4;
const VARIABLES = 8;

/** The menu for what stands before the cursor; null: there is none. */
export function menuFor(text: string, caret: number, sources: MenuSources): MenuState | null {
  const typed = typedIn(text);
  const [, mention] = MENTION.exec(text.slice(0, caret)) ?? [];
  if (typed && !typed.hasArgument) {
    return commandMenu(text, typed.name, sources);
  }
  if (typed) {
    const command = sources.slash.get(typed.name);
    if (command?.choices) {
      return choiceMenu(text, command, typed.argument, sources.session);
    }
    if (mention === undefined) {
      const saying: Saying = command
        ? { kind: 'argument', command }
        : { kind: 'no-command', name: typed.name };
      return { kind: 'command', from: 0, to: text.length, options: [], saying };
    }
  }
  return mention === undefined ? null : mentionMenu(mention, caret, sources);
}

function commandMenu(text: string, name: string, { slash, session }: MenuSources): MenuState {
  const options = best(slash.all, name, command => command.name).map(({ item: command, at }): Option => {
    const takesMore = command.argument !== undefined;
    return {
      id: command.name,
      group: 'commands',
      icon: commandIcon,
      label: `/${command.name}${takesMore ? ` ${command.argument}` : ''}`,
      at: at.map(place => place + 1),
      detail: command.label,
      whyNot: command.whyNot?.(session) ?? null,
      choice:
        takesMore && name !== command.name
          ? { do: 'complete', text: `/${command.name} ` }
          : { do: 'run', command, argument: '' }
    };
  });
  const saying: Saying | null = options.length === 0 ? { kind: 'no-command', name } : null;
  return { kind: 'command', from: 0, to: text.length, options, saying };
}

function choiceMenu(text: string, command: SlashCommand, argument: string, session: Session): MenuState {
  const choices = command.choices?.(session) ?? [];
  const options = best(
    choices,
    argument,
    choice => choice.label,
    choice => choice.value
  )
    .slice(0, 20)
    .map(({ item: { value, label, detail }, at }): Option => ({
      id: value,
      group: 'choices',
      icon: commandIcon,
      label,
      at,
      detail: detail ?? '',
      whyNot: null,
      choice: { do: 'run', command, argument: value }
    }));
  const saying: Saying | null = options.length === 0 ? { kind: 'no-choice', query: argument } : null;
  return { kind: 'command', from: 0, to: text.length, options, saying };
}

function mentionMenu(query: string, caret: number, { session, files, nearby }: MenuSources): MenuState {
  const { catalogue } = session.hub;
  const usable = catalogue.models.filter(model => model.available);
  const models = best(
    usable,
    query,
    model => model.label,
    model => model.id
  )
    .slice(0, MODELS)
    .map(({ item: model, at }): Option => ({
      id: `model-${model.id}`,
      group: 'models',
      icon: chatIcon,
      label: model.label,
      at,
      detail: session.hub.providerLabel(model.provider),
      whyNot: null,
      choice: { do: 'model', id: model.id }
    }));
  const canAttach = catalogue.has('attachments');
  const found = canAttach ? fileOptions(query, files, FILES) : [];
  const live =
    nearby && canAttach ? nearbyOptions(query, nearby).filter(({ whyNot }) => whyNot === null) : [];
  const options = [...live, ...models, ...found];
  const silence = nearby?.variables.silence ?? null;
  const saying: Saying | null =
    query !== '' && (silence === 'busy' || silence === 'failed')
      ? { kind: 'silence', silence }
      : options.length === 0
        ? { kind: 'nothing-found', query, isLooking: files.isWalking }
        : null;
  return { kind: 'mention', from: caret - query.length - 1, to: caret, options, saying };
}

/** The menu of the paperclip: what `@` offers, files of this computer, and what could be offered with the reason why it is not. */
export function attachMenu(query: string, { files, nearby, trans }: AttachSources): MenuState {
  const computer = best([trans.__('A file from this computer…')], query, label => label).map(
    ({ item: label, at }): Option => ({
      id: 'computer',
      group: 'files',
      icon: attachIcon,
      label,
      at,
      detail: '',
      whyNot: null,
      choice: { do: 'computer' }
    })
  );
  const found = fileOptions(query, files, query ? FILES : FEW_FILES);
  const around = nearby ? nearbyOptions(query, nearby) : [];
  const options = query ? [...around, ...found, ...computer] : [...computer, ...found, ...around];
  const silence = nearby?.variables.silence ?? null;
  const saying: Saying | null =
    silence !== null
      ? { kind: 'silence', silence }
      : options.length > 0
        ? null
        : files.isWalking
          ? { kind: 'nothing-found', query, isLooking: true }
          : { kind: 'not-found', query };
  return { kind: 'attach', from: 0, to: 0, options, saying };
}

function fileOptions(query: string, files: FileFinder, count: number): readonly Option[] {
  return files.find(query, count).map((path): Option => {
    const label = nameOf(path);
    return {
      id: `file-${path}`,
      group: 'files',
      icon: label.endsWith('.ipynb') ? notebookIcon : fileIcon,
      label,
      at: fuzzy(query, label)?.at ?? [],
      detail: path.slice(0, Math.max(0, path.length - label.length - 1)),
      whyNot: null,
      choice: { do: 'file', path }
    };
  });
}

/** What is in the notebook and in its kernel. */
function nearbyOptions(query: string, nearby: Nearby): Option[] {
  const here = best(
    nearby.offers(),
    query,
    offer => offer.label,
    offer => offer.kind
  ).map(({ item, at }): Option => ({
    id: `nearby-${item.kind}`,
    group: 'notebook',
    icon: notebookIcon,
    label: item.label,
    at,
    detail: item.detail,
    whyNot: item.whyNot,
    choice: { do: 'nearby', kind: item.kind }
  }));
  // What cannot be chosen is in nobody's way.
  here.sort((a, b) => Number(a.whyNot !== null) - Number(b.whyNot !== null));
  const live = nearby.variables.find(query, VARIABLES).map(({ variable, at }): Option => ({
    id: `variable-${variable.name}`,
    group: 'variables',
    icon: variableIcon,
    label: variable.name,
    at,
    detail: [variable.type, variable.size].filter(Boolean).join(' · '),
    whyNot: null,
    choice: { do: 'variable', name: variable.name }
  }));
  return query ? [...live, ...here] : [...here, ...live];
}

/** The items that fit, the best first; with nothing typed all, as they stand. */
function best<T>(
  items: readonly T[],
  query: string,
  ...texts: ((item: T) => string)[]
): { item: T; at: readonly number[] }[] {
  const hits = items.flatMap(item => {
    const found = texts.map(text => fuzzy(query, text(item)));
    const score = Math.max(...found.map(hit => hit?.score ?? -Infinity));
    return score === -Infinity ? [] : [{ item, score, at: found[0]?.at ?? [] }];
  });
  return query ? hits.sort((a, b) => b.score - a.score) : hits;
}
