import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { nullTranslator } from '@jupyterlab/translation';
import { render, type RenderResult } from '@testing-library/react';
import type { ReactElement } from 'react';

import type { Client } from '../../src/api/client';
import { EventStream } from '../../src/api/stream';
import { type Services, ServicesProvider } from '../../src/components/context';
import { RemoteImages } from '../../src/markdown/images';
import { MarkdownRenderer } from '../../src/markdown/render';
import { Sanitizer } from '../../src/markdown/sanitizer';
import { FileFinder } from '../../src/model/finder';
import { Hub } from '../../src/model/hub';
import type { Session } from '../../src/model/session';
import { NOWHERE } from '../../src/model/surroundings';
import { NO_FILES } from '../../src/model/workspace';
import { partsPlugin } from '../../src/plugins/parts';
import { addCommands } from '../../src/plugins/slash';
import { SlashCommands } from '../../src/registries/slash';
import { FakeServer } from './server';
import { FakeNetwork } from './socket';

export function sanitizer(): Sanitizer {
  return new Sanitizer({
    image: alt => (alt ? `Image: ${alt}` : 'Image'),
    load: host => `Load images from ${host}`,
    why: address => `${address} is not fetched`
  });
}

export interface Page {
  hub: Hub;
  session: Session;
  server: FakeServer;
  services: Services;
  show: (element: ReactElement) => RenderResult;
}

/** Everything a component needs, with a server that is not there. `client` stands in for routes that `FakeServer` has not. */
export async function page(client: Partial<Client> = {}, server = new FakeServer()): Promise<Page> {
  const nothing = { items: [], next: null };
  const routes: Partial<Client> = {
    models: () => Promise.resolve(nothing),
    providers: () => Promise.resolve({ items: [], kinds: [] }),
    config: () =>
      Promise.resolve({
        features: {},
        limits: {},
        settings: {},
        default_model: null,
        version: '0',
        data_dir: '',
        own: [],
        locked: [],
        notices: []
      }),
    conversations: () => Promise.resolve(nothing),
    fileUrl: id => `/files/${id}`,
    onAccess: () => () => false,
    updateSettings: () => Promise.resolve(),
    activeRuns: () => Promise.resolve(nothing),
    context: () => Promise.reject(new Error('Nobody counts.')),
    ceilings: () => Promise.resolve({ items: [], usd_per_day: null, usd_per_month: null, locked: false }),
    usage: () => Promise.reject(new Error('Nobody counts.')),
    ...client
  };
  const whole = new Proxy(server, {
    get: (target, name): unknown => Reflect.get(routes, name) ?? Reflect.get(target, name)
  }) as unknown as Client;
  const network = new FakeNetwork();
  const stream = new EventStream({ url: () => '', openSocket: network.openSocket });
  stream.watch = server.stream.watch;
  const hub = new Hub({
    client: whole,
    stream,
    storage: () => window.localStorage,
    schedule: flush => {
      flush();
    }
  });
  await hub.catalogue.load();
  await hub.providers.load();
  const parts = await partsPlugin.activate({} as never);
  await parts.load();
  const slash = new SlashCommands();
  addCommands(slash, nullTranslator.load('llmhub'));
  const services: Services = {
    hub,
    session: hub.side,
    parts,
    markdown: new MarkdownRenderer({ latexTypesetter: null }, sanitizer()),
    images: new RemoteImages(),
    diagrams: null,
    workbench: null,
    languages: null as IEditorLanguageRegistry | null,
    editors: null,
    workspace: NO_FILES,
    files: new FileFinder(NO_FILES),
    slash,
    trans: nullTranslator.load('llmhub'),
    surroundings: NOWHERE,
    nearby: null,
    notebooks: null,
    trials: null,
    openTab: null,
    openSettings: null,
    openUsage: null
  };
  return {
    hub,
    session: hub.side,
    server,
    services,
    show: element => render(<ServicesProvider value={services}>{element}</ServicesProvider>)
  };
}
