import { expect, test } from 'vitest';

import type { ModelInfo } from '../../src/api/schema';
import { budgetFor } from '../../src/model/context';
import { model } from '../support/values';

const SAID = { tokens: 1000, isReported: false };
const PRICE = { input: 2, output: 10, currency: 'USD' } as ModelInfo['price'];

test('a picture counts as the line of words that a model gets which sees none', () => {
  const draft = { text: '', files: [{ type: 'image' as const, file_id: 'f' }] };
  const used = (changes: Partial<ModelInfo>): number | undefined =>
    budgetFor(SAID, draft, { ...model('lab/echo'), context_window: 8000, ...changes })?.used;
  expect(used({ sure: true, capabilities: ['vision'] })).toBe(2500);
  expect(used({ sure: false, capabilities: [] })).toBe(2500);
  expect(used({ sure: true, capabilities: ['tools'] })).toBe(1016);
});

test('where the price is known but not the window there is a cost and no share', () => {
  const facts = { ...model('lab/echo'), context_window: null, max_output_tokens: 1000, price: PRICE };
  const budget = budgetFor(SAID, { text: '', files: [] }, facts);
  expect(budget).toMatchObject({ window: null, share: null, level: 'quiet' });
  expect(budget?.cost?.high).toBeCloseTo((1000 * 2 + 1000 * 10) / 1e6);
  expect(budgetFor(SAID, { text: '', files: [] }, { ...facts, price: null })).toBeNull();
});
