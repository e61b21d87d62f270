import { expect, it } from 'vitest';

import { cellsAsText, imageIn, outputsAsText } from '../../src/model/notebook';

const stream = { output_type: 'stream', name: 'stdout', text: ['one\n', 'two\n'] };
const failure = { output_type: 'error', traceback: ['\u001b[31mTraceback', 'ValueError: no'] };
const plot = { output_type: 'display_data', data: { 'image/png': 'aGk=\n', 'text/plain': '<Figure>' } };

it('a notebook is a script in the percent format, with what its cells printed and without the bytes of pictures', () => {
  const text = cellsAsText([
    { cell_type: 'markdown', source: ['# Title\n', 'words'] },
    { cell_type: 'code', source: 'print(1)', outputs: [stream, failure, plot] }
  ]);
  expect(text).toBe(
    '# %% [markdown]\n# # Title\n# words\n\n' +
      '# %%\nprint(1)\n# Output:\n# one\n# two\n# Traceback\n# ValueError: no\n# <Figure>\n'
  );
});

it('what a cell shows is a picture, or else text', () => {
  expect(imageIn([stream, plot])).toEqual({ type: 'image/png', base64: 'aGk=' });
  expect(imageIn([stream])).toBeNull();
  expect(outputsAsText([stream])).toBe('one\ntwo');
});
