import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import type { Message } from '../api/schema';
import { fileName, MEDIA_TYPES, queryOf } from '../model/exporting';
import type { Session } from '../model/session';
import { transcript } from '../model/transcript';
import { SlashCommands } from '../registries/slash';
import { ISlashCommands } from '../tokens';

/** Our own commands of the composer, registered as anybody else's. */
export const slashPlugin: JupyterFrontEndPlugin<ISlashCommands> = {
  id: '@llmhub/lab:slash',
  description: 'Commands that are typed into the message field: /new, /model, /export and more.',
  autoStart: true,
  provides: ISlashCommands,
  optional: [ITranslator],
  activate: (_app: JupyterFrontEnd, translator: ITranslator | null): ISlashCommands => {
    const registry = new SlashCommands();
    addCommands(registry, (translator ?? nullTranslator).load('llmhub'));
    return registry;
  }
};

export function addCommands(registry: SlashCommands, trans: TranslationBundle): void {
  const unlessEmpty = ({ chat }: Pick<Session, 'chat'>): string | null =>
    chat.tree.path.length === 0 ? trans.__('Nothing has been said yet.') : null;

  registry.register({
    name: 'new',
    label: trans.__('Begin a new chat'),
    run: (_argument, session) => {
      session.newChat();
      return null;
    }
  });
  registry.register({
    name: 'model',
    label: trans.__('Choose who answers from now on'),
    argument: trans.__('[name]'),
    choices: ({ hub }) =>
      hub.catalogue.models
        .filter(model => model.available)
        .map(({ id, label, provider }) => ({ value: id, label, detail: hub.providerLabel(provider) })),
    run: (id, session) => {
      session.setModel(id);
      return trans.__('%1 answers from now on.', session.hub.catalogue.label(id));
    }
  });
  registry.register({
    name: 'system',
    label: trans.__('Instructions for this conversation'),
    argument: trans.__('[instructions]'),
    run: async (text, session) => {
      if (!text) {
        session.desk.open('instructions');
        return null;
      }
      await session.writing.instruct(text);
      return trans.__('These instructions hold for this conversation.');
    }
  });
  registry.register({
    name: 'params',
    label: trans.__('Parameters for this conversation'),
    run: (_argument, session) => {
      session.desk.open('parameters');
      return null;
    }
  });
  registry.register({
    name: 'preset',
    label: trans.__('Go on with a preset'),
    argument: trans.__('[name]'),
    choices: ({ hub }) =>
      hub.presets.items.map(({ name, model }) => ({
        value: name,
        label: name,
        detail: hub.catalogue.label(model)
      })),
    run: async (name, session) => {
      const preset = session.hub.presets.named(name);
      if (!name) {
        session.desk.open('parameters');
        return null;
      }
      if (!preset) {
        throw new Error(trans.__('There is no preset “%1”.', name));
      }
      const isThere = await session.writing.apply(preset);
      return isThere
        ? trans.__('“%1” holds from now on.', preset.name)
        : trans.__(
            '“%1” holds from now on, but for its model, %2, which is not there.',
            preset.name,
            preset.model ?? ''
          );
    }
  });
  registry.register({
    name: 'title',
    label: trans.__('Rename this conversation'),
    argument: trans.__('[title]'),
    whyNot: ({ chat }) => (chat.id === null ? trans.__('There is no conversation to name yet.') : null),
    run: async (title, { chat, hub }) => {
      if (!title) {
        throw new Error(trans.__('Write the title after /title.'));
      }
      const short = title.slice(0, 200);
      chat.setConversation({ title: short });
      await hub.conversations.rename(chat.id ?? '', short);
      return trans.__('This conversation is called “%1” now.', short);
    }
  });
  registry.register({
    name: 'compact',
    label: trans.__('Summarise the earlier messages, so that requests get short'),
    argument: trans.__('[what it should heed]'),
    whyNot: ({ chat }) => {
      if (chat.running !== null) {
        return trans.__('An answer is still being written.');
      }
      return chat.summaries.isMaking ? trans.__('A summary is being made.') : unlessEmpty({ chat });
    },
    run: async (wishes, { chat, model }) => {
      const made = await chat.summaries.make(wishes, model);
      return made && trans._n('One message is summarised.', '%1 messages are summarised.', made.messages);
    }
  });
  registry.register({
    name: 'copy',
    label: trans.__('Copy the conversation as Markdown'),
    whyNot: unlessEmpty,
    run: async (_argument, session) => {
      Clipboard.copyToSystem(await markdownOf(session, trans));
      return trans.__('The conversation is in the clipboard.');
    }
  });
  registry.register({
    name: 'export',
    label: trans.__('Download the conversation as Markdown, or as html, json or ipynb'),
    argument: trans.__('[format]'),
    whyNot: unlessEmpty,
    run: async (argument, session) => {
      const { download } = await import('../components/download');
      const { chat, hub } = session;
      const title = fileName(chat.conversation?.title ?? trans.__('Chat'));
      const query = queryOf({ format: argument.trim().toLowerCase() });
      if (query === null || query.format === 'md' || chat.id === null) {
        download(await markdownOf(session, trans), `${title}.md`, MEDIA_TYPES.md);
        return null;
      }
      const leaf = chat.tree.head?.message.id;
      const written = await hub.client.exportConversation(chat.id, { ...query, ...(leaf ? { leaf } : {}) });
      download(written, `${title}.${query.format}`, MEDIA_TYPES[query.format]);
      return null;
    }
  });
  registry.register({
    name: 'help',
    label: trans.__('What can be typed here'),
    run: (_argument, session) => {
      session.desk.open('help');
      return null;
    }
  });
}

/** The branch that is shown, from its beginning. */
async function markdownOf({ chat, hub }: Session, trans: TranslationBundle): Promise<string> {
  const messages = await branchOf(chat, hub);
  return transcript(chat.conversation?.title ?? null, messages, {
    you: trans.__('You'),
    answer: trans.__('Answer'),
    file: name => trans.__('(attached: %1)', name),
    image: trans.__('(attached: an image)'),
    when: time => new Date(time).toLocaleString(),
    model: id => hub.catalogue.label(id)
  });
}

/** All messages of the branch; those that this page knows as it knows them, as more may have been said meanwhile. */
async function branchOf({ id, tree }: Session['chat'], hub: Session['hub']): Promise<readonly Message[]> {
  const leaf = tree.head?.message.id;
  if (id === null || leaf === undefined) {
    return [];
  }
  const messages: Message[] = [];
  let cursor: string | undefined;
  do {
    const page = await hub.client.messages(id, { leaf, limit: 100, ...(cursor ? { cursor } : {}) });
    messages.unshift(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return messages.map(message => tree.get(message.id)?.message ?? message);
}
