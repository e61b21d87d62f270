import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import type { ErrorInfo, Parameter, Params } from '../api/schema';
import { jsonFault, type JsonFault } from './json';
import { Observable } from './observable';

/** Which parameters models take, as the server says; asked once for each model. */
export class Parameters extends Observable {
  private readonly known = new Map<string, readonly Parameter[]>();
  private readonly failed = new Map<string, ErrorInfo>();
  private readonly asking = new Set<string>();

  constructor(private readonly client: Pick<Client, 'parameters'>) {
    super();
  }

  /** What a model takes; null while the server is asked. */
  get(model: string | null): readonly Parameter[] | null {
    return model === null ? [] : (this.known.get(model) ?? null);
  }

  /** Why it is not known what a model takes. */
  fault(model: string | null): ErrorInfo | null {
    return model === null ? null : (this.failed.get(model) ?? null);
  }

  async load(model: string | null): Promise<void> {
    if (model === null || this.known.has(model) || this.asking.has(model)) {
      return;
    }
    this.asking.add(model);
    try {
      this.known.set(model, (await this.client.parameters(model)).items);
      this.failed.delete(model);
    } catch (thrown) {
      this.failed.set(model, errorInfo(thrown));
    } finally {
      this.asking.delete(model);
      this.changed();
    }
  }

  /** The configuration changed. */
  forget(): void {
    this.known.clear();
    this.changed();
  }
}

/** What is written in a field means this value; or why it means none. Null: nothing is set. */
export type Reading = { readonly value: unknown } | { readonly fault: Fault };

export type Fault =
  | { readonly kind: 'number' | 'whole' | 'object' }
  | { readonly kind: 'json'; readonly where: JsonFault }
  | { readonly kind: 'range'; readonly min: number | null; readonly max: number | null }
  | { readonly kind: 'many'; readonly max: number };

/** A parameter's value as it is written in its field. */
export function written({ type }: Parameter, value: unknown): string {
  if (value === null || value === undefined) {
    return '';
  }
  if (type === 'texts') {
    return (value as readonly string[]).map(text => text.replaceAll('\n', '\\n')).join('\n');
  }
  if (type === 'schema') {
    return JSON.stringify(value, null, 2);
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What is written in a parameter's field. */
export function read(parameter: Parameter, text: string): Reading {
  const { type, min = null, max = null } = parameter;
  if (text.trim() === '') {
    return { value: null };
  }
  switch (type) {
    case 'number':
    case 'integer': {
      const value = Number(text);
      if (!Number.isFinite(value)) {
        return { fault: { kind: 'number' } };
      }
      if (type === 'integer' && !Number.isInteger(value)) {
        return { fault: { kind: 'whole' } };
      }
      const isWithin = (min === null || value >= min) && (max === null || value <= max);
      return isWithin ? { value } : { fault: { kind: 'range', min, max } };
    }
    case 'switch':
      return { value: text === 'true' };
    case 'texts': {
      const lines = text.split('\n').filter(Boolean);
      return max !== null && lines.length > max
        ? { fault: { kind: 'many', max } }
        : { value: lines.map(line => line.replaceAll('\\n', '\n')) };
    }
    case 'schema':
      return readSchema(text);
    default:
      return { value: type === 'text' ? text.trim() : text };
  }
}

function readSchema(text: string): Reading {
  const where = jsonFault(text);
  if (where !== null) {
    return { fault: { kind: 'json', where } };
  }
  const value: unknown = JSON.parse(text);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? { value } : { fault: { kind: 'object' } };
}

/** What was set, without what was not. */
export function given(params: object): Params {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value != null));
}

/** Numbers within what a model takes; everything else as it is. */
export function within(params: Params, taken: readonly Parameter[]): Params {
  const fit = Object.entries(given(params)).map(([name, value]): [string, unknown] => {
    const { min, max } = taken.find(one => one.name === name) ?? {};
    return [
      name,
      typeof value === 'number' ? Math.min(max ?? Infinity, Math.max(min ?? -Infinity, value)) : value
    ];
  });
  return Object.fromEntries(fit);
}
