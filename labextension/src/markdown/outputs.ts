/** Reads a Jupyter output, which nobody here has run: what of it can be shown, and as what. */

/** Longer texts are cut. Characters. */
const LENGTH = 100_000;
const IMAGE = /^image\/(?:png|jpeg|gif|webp|avif|bmp)$/;
const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

export type Output =
  | {
      readonly kind: 'image';
      readonly url: string;
      readonly width: number | undefined;
      readonly height: number | undefined;
      readonly alt: string;
    }
  | { readonly kind: 'html' | 'markdown'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string; readonly isError: boolean; readonly cut: number }
  | { readonly kind: 'json'; readonly type: string; readonly value: unknown };

type Bundle = Readonly<Record<string, unknown>>;

/**
 * The best of what a bundle offers, in the order of JupyterLab's own renderers. Only kinds that can be shown without running or
 * fetching anything: what extensions draw may do both. `says` tells whether HTML has anything left when it is cleaned.
 */
export function readOutput(bundle: Bundle, metadata: Bundle, says: (html: string) => boolean): Output | null {
  const types = Object.keys(bundle);
  const text = (type: string): string | null => joined(bundle[type]);

  const html = text('text/html');
  if (html && says(html)) {
    return { kind: 'html', text: html };
  }
  const markdown = text('text/markdown') ?? text('text/latex');
  if (markdown !== null) {
    return { kind: 'markdown', text: markdown };
  }
  for (const type of [
    ...types.filter(name => name === 'image/svg+xml'),
    ...types.filter(name => IMAGE.test(name))
  ]) {
    const url = imageUrl(type, text(type) ?? '');
    if (url) {
      const { width, height, alt } = (metadata[type] ?? metadata) as Bundle;
      return {
        kind: 'image',
        url,
        width: length(width),
        height: length(height),
        alt: typeof alt === 'string' ? alt : ''
      };
    }
  }
  const trouble = types.find(type => type === 'application/vnd.jupyter.error');
  if (trouble) {
    return cut(errorText(bundle[trouble]), true);
  }
  for (const type of ['application/vnd.jupyter.stderr', 'application/vnd.jupyter.stdout', 'text/plain']) {
    const said = text(type);
    if (said !== null) {
      return cut(said, type.endsWith('stderr'));
    }
  }
  const rest = types.find(type => type === 'application/json') ?? types[0];
  return rest === undefined ? null : { kind: 'json', type: rest, value: bundle[rest] };
}

/** Notebooks keep long texts as lists of lines. */
function joined(value: unknown): string | null {
  if (Array.isArray(value) && value.every(line => typeof line === 'string')) {
    return value.join('');
  }
  return typeof value === 'string' ? value : null;
}

function imageUrl(type: string, data: string): string | null {
  if (type === 'image/svg+xml') {
    // As an image it runs nothing and fetches nothing.
    return data.includes('<svg') ? `data:${type},${encodeURIComponent(data)}` : null;
  }
  return BASE64.test(data) ? `data:${type};base64,${data.replace(/\s/g, '')}` : null;
}

function length(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && value < 10_000 ? value : undefined;
}

function errorText(error: unknown): string {
  const { ename, evalue, traceback } = (error ?? {}) as Bundle;
  const lines = Array.isArray(traceback) ? traceback.filter(line => typeof line === 'string') : [];
  return lines.length
    ? lines.join('\n')
    : [ename, evalue].filter(word => typeof word === 'string').join(': ');
}

/** What came last counts most: the beginning is cut off. */
function cut(text: string, isError: boolean): Output {
  return { kind: 'text', text: text.slice(-LENGTH), isError, cut: Math.max(0, text.length - LENGTH) };
}
