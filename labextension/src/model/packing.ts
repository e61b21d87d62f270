/** Several files as one zip, stored as they are, so that they can be looked at together. Their bytes are read once, not kept. */
export async function packed(files: readonly File[], name: string): Promise<File> {
  const directory: Bytes[] = [];
  const parts: BlobPart[] = [];
  const taken = new Set<string>();
  let at = 0;
  for (const file of files) {
    const path = new TextEncoder().encode(free(file.name, taken));
    const about = { path, size: file.size, crc: await checksum(file) };
    const header = local(about);
    directory.push(central(about, at));
    parts.push(header, file);
    at += header.length + file.size;
  }
  const size = directory.reduce((sum, entry) => sum + entry.length, 0);
  return new File([...parts, ...directory, end(files.length, size, at)], name, { type: 'application/zip' });
}

type Bytes = Uint8Array<ArrayBuffer>;

interface About {
  readonly path: Bytes;
  readonly size: number;
  readonly crc: number;
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

/** Version 2.0, names in UTF-8, stored, at the beginning of 1980: what both headers of a file say. */
function facts({ path, size, crc }: About): number[] {
  return [
    ...u16(20),
    ...u16(0x800),
    ...u16(0),
    ...u32(0x210000),
    ...u32(crc),
    ...u32(size),
    ...u32(size),
    ...u16(path.length)
  ];
}

function local(about: About): Bytes {
  return Uint8Array.from([...u32(0x04034b50), ...facts(about), ...u16(0), ...about.path]);
}

function central(about: About, at: number): Bytes {
  const rest = [...u16(0), ...u16(0), ...u16(0), ...u16(0), ...u32(0), ...u32(at)];
  return Uint8Array.from([...u32(0x02014b50), ...u16(20), ...facts(about), ...rest, ...about.path]);
}

function end(count: number, size: number, at: number): Bytes {
  const counts = [...u16(0), ...u16(0), ...u16(count), ...u16(count)];
  return Uint8Array.from([...u32(0x06054b50), ...counts, ...u32(size), ...u32(at), ...u16(0)]);
}

function u16(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff];
}

function u32(value: number): number[] {
  return [...u16(value & 0xffff), ...u16(value >>> 16)];
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) {
    value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return value;
});

async function checksum(file: File): Promise<number> {
  let crc = 0xffffffff;
  for (let at = 0; at < file.size; at += PIECE) {
    for (const byte of new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer())) {
      crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Bytes that are read at a time: the page stays alive meanwhile. */
const PIECE = 2 ** 20;
