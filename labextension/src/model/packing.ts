import { isZip } from './exported';

/** Those that come in together, and those after them: a zip comes by itself, since the server opens none within another. */
export function together(files: readonly File[]): { now: readonly File[]; later: readonly File[] } {
  const zips = files.filter(isZip);
  const loose = files.filter(file => !isZip(file));
  return loose.length > 0 ? { now: loose, later: zips } : { now: zips.slice(0, 1), later: zips.slice(1) };
}

/** Several files as one zip, stored as they are, so that they can be looked at together. */
export async function packed(files: readonly File[], name: string): Promise<File> {
  const { makeZip } = await import('client-zip');
  const taken = new Set<string>();
  const entries = files.map(input => ({ input, name: free(input.name, taken) }));
  const zip = await new Response(makeZip(entries, { buffersAreUTF8: true })).blob();
  return new File([zip], name, { type: 'application/zip' });
}

/** A name that no other has: "a.json", then "a (2).json". */
function free(name: string, taken: Set<string>): string {
  const [, stem = '', kind = ''] = /^(.*?)(\.[^.]*)?$/s.exec(name) ?? [];
  let path = name;
  for (let number = 2; taken.has(path); number++) {
    path = `${stem} (${number})${kind}`;
  }
  taken.add(path);
  return path;
}
