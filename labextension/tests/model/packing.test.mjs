/* global TextDecoder */
import { File } from 'node:buffer';

import { expect, test, vi } from 'vitest';

import { packed } from '../../src/model/packing';

test('files are packed as a zip that holds them as they are, each under a name of its own', async () => {
  vi.stubGlobal('File', File); // jsdom's have no streams
  const first = new File(['{"ä": 1}'], 'é.json');
  const zip = await packed([first, new File([], 'b.json'), new File(['123456789'], 'b.json')], 'é.json + 2');
  expect([zip.name, zip.type]).toEqual(['é.json + 2', 'application/zip']);
  expect(unpacked(await zip.arrayBuffer())).toEqual([
    ['é.json', '{"ä": 1}'],
    ['b.json', ''],
    ['b (2).json', '123456789']
  ]);
});

/** What a reader of zips does: from the end to the directory, from there to each file. */
function unpacked(data) {
  const view = new DataView(data);
  const u16 = at => view.getUint16(at, true);
  const u32 = at => view.getUint32(at, true);
  const text = (at, length) => new TextDecoder().decode(data.slice(at, at + length));
  const end = data.byteLength - 22;
  expect(u32(end)).toBe(0x06054b50);
  let at = u32(end + 16);
  expect(at + u32(end + 12)).toBe(end);
  return Array.from({ length: u16(end + 10) }, () => {
    const [size, length, file] = [u32(at + 24), u16(at + 28), u32(at + 42)];
    expect([u32(at), u32(file)]).toEqual([0x02014b50, 0x04034b50]);
    expect(text(file + 30, length)).toBe(text(at + 46, length));
    const content = text(file + 30 + length, size);
    if (content === '123456789') {
      expect(u32(at + 16)).toBe(0xcbf43926); // the check value of CRC-32
    }
    const name = text(at + 46, length);
    at += 46 + length;
    return [name, content];
  });
}
