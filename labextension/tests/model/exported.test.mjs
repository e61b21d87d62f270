/* global File */
import { readdirSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { isExport } from '../../src/model/exported';

const FIXTURES = '../tests/conversations/transfer/fixtures';

test.each(readdirSync(FIXTURES))('%s is known as what a product gave', async name => {
  expect(await isExport(new File([readFileSync(`${FIXTURES}/${name}`)], name))).toBe(true);
});

test.each([
  ['a zip, by its name', 'export.ZIP', 'PK'],
  ['our own JSON', 'talk.json', '{"format": "llmhub.conversation", "version": 1}'],
  ['a database of llm', 'logs.db', 'SQLite format 3\0\u0010\0CREATE TABLE [conversations] ([id] TEXT)']
])('%s is one', async (_, name, content) => {
  expect(await isExport(new File([content], name))).toBe(true);
});

test.each([
  ['data', 'data.json', '{"mapping": {"a": 1}, "rows": [1, 2]}'],
  ['words about an export', 'notes.md', 'ChatGPT has a `mapping` and a title, Claude chat_messages.'],
  ['a notebook of a conversation', 'talk.ipynb', '{"metadata": {"llmhub": {"chat_messages": []}}}'],
  ['code that reads exports', 'read.py', 'import json\nCLAUDE = {"chat_messages": [], "name": "x"}\n'],
  ['words with a piece of an export', 'notes.md', '# Claude\n\n    {"chat_messages": []}'],
  ['another database', 'data.db', 'SQLite format 3\0CREATE TABLE tides (bay TEXT)'],
  ['nothing', 'empty.json', '']
])('%s goes along with a message', async (_, name, content) => {
  expect(await isExport(new File([content], name))).toBe(false);
});
