import { expect, it } from 'vitest';

import { News } from '../../src/components/thread/news';
import { Rows } from '../../src/components/thread/rows';
import { ChatModel } from '../../src/model/chat';
import { Heights } from '../../src/model/heights';
import { FakeServer } from '../support/server';
import { answering, asked, conversation, message } from '../support/values';

const FLOWING = new DOMParser().parseFromString(
  '<article><div class="jp-llmhub-markdown" aria-busy="true"></div></article>',
  'text/html'
).body;
const STILL = document.createElement('article');

async function reading(): Promise<{ server: FakeServer; rows: Rows; news: News }> {
  const server = new FakeServer();
  server.add(asked('m1', 'question'), message('m2', { parent_id: 'm1', status: 'running', run_id: 'r1' }));
  const { stream } = server;
  const chat = new ChatModel(
    {
      client: server,
      stream,
      schedule: flush => {
        flush();
      }
    },
    conversation('c1')
  );
  await chat.load();
  const rows = new Rows(chat, new Heights(null));
  rows.renew();
  return { server, rows, news: new News(chat, rows) };
}

it('says that there is something new when more was said since the end was in view', async () => {
  const { server, news } = await reading();
  expect(news.isUnread).toBe(false);
  server.say(...answering(['more']));
  expect(news.isUnread).toBe(true);
  news.read(STILL);
  expect(news.isUnread).toBe(false);
});

it('says so also when all had been said and some of it was still to be drawn', async () => {
  const { server, rows, news } = await reading();
  server.say(...answering(['a burst', ' that ends at once']));
  news.read(FLOWING);
  expect(news.isUnread).toBe(false);
  rows.layout.resize(1, rows.layout.height(1) + 300);
  expect(news.isUnread).toBe(true);
});

it('takes what somebody unfolds in a message that is whole for nothing new', async () => {
  const { server, rows, news } = await reading();
  server.say(...answering(['long code']));
  news.read(STILL);
  rows.layout.resize(1, rows.layout.height(1) + 300);
  expect(news.isUnread).toBe(false);
});
