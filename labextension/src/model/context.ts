import type { ContextCount, Message, ModelInfo } from '../api/schema';
import { tokensOf } from './attachments';
import type { Draft } from './drafts';
import { estimate, IMAGE_TOKENS } from './tokens';
import type { Tree } from './tree';

/** What the next turn will need of what the model takes, in tokens. */
export interface Budget {
  /** Null where nobody knows how much the model takes: then there is no share of it either. */
  readonly window: number | null;
  readonly instructions: number;
  readonly memory: number;
  readonly history: number;
  readonly tools: number;
  readonly draft: number;
  readonly files: number;
  /** Kept free for the answer. */
  readonly reserve: number;
  readonly used: number;
  /** `used` of `window`, from 0 to 1 and beyond. */
  readonly share: number | null;
  readonly level: 'quiet' | 'amber' | 'red';
  /** US dollars for the next turn, where the price is known: all cached and a short answer, to nothing cached and the longest. */
  readonly cost: { readonly low: number; readonly high: number } | null;
  /** "reported": up to the last answer the provider's own count. */
  readonly exactness: 'reported' | 'estimated';
  /** Whose way of counting; null where the page has estimated by itself. */
  readonly family: ContextCount['family'] | null;
}

const AMBER = 0.7;
const RED = 0.9;
/** Tokens of an answer that is a sentence or two. */
const SHORT_ANSWER = 100;
/** Tokens of the longest answer, where nobody knows it. */
const ASSUMED_ANSWER = 32_000;
const MILLION = 1_000_000;

/** What the next turn would take, by the server's count where it is known; null where nobody knows how much the model takes, nor its price. */
export function budgetFor(
  said: History,
  draft: Pick<Draft, 'text' | 'files'>,
  model: ModelInfo | undefined,
  counted: ContextCount | null = null
): Budget | null {
  const window = model?.context_window ?? null;
  if (!model || (!window && !model.price)) {
    return null;
  }
  const sees = !model.sure || model.capabilities.includes('vision');
  const written = counted ? Math.round(bytesOf(draft.text) / counted.bytes_per_token) : estimate(draft.text);
  const attached = draft.files.reduce((sum, part) => sum + tokensOf(part, sees), 0);
  const used = (counted?.used ?? said.tokens) + written + attached;
  const share = window ? used / window : null;
  const most = window ? window / 4 : Infinity;
  const reserve = counted?.reserve ?? Math.min(model.max_output_tokens ?? ASSUMED_ANSWER, most);
  return {
    window,
    instructions: counted?.instructions ?? 0,
    memory: counted?.memory ?? 0,
    history: counted?.history ?? said.tokens,
    tools: counted?.tools ?? 0,
    draft: written,
    files: attached + (counted?.files ?? 0),
    reserve,
    used,
    share,
    level: share === null || share < AMBER ? 'quiet' : share >= RED ? 'red' : 'amber',
    cost: costOf(model, counted, used, written + attached, reserve),
    exactness: counted?.exactness ?? (said.isReported ? 'reported' : 'estimated'),
    family: counted?.family ?? null
  };
}

function costOf(
  { price }: ModelInfo,
  counted: ContextCount | null,
  used: number,
  added: number,
  reserve: number
): Budget['cost'] {
  if (!price) {
    return null;
  }
  const more = (added * price.input) / MILLION;
  if (counted?.cost_usd) {
    return { low: counted.cost_usd.low + more, high: counted.cost_usd.high + more };
  }
  const reused = (used - added) * (price.cached_input ?? price.input);
  const low = more + (reused + SHORT_ANSWER * price.output) / MILLION;
  return { low, high: (used * price.input + reserve * price.output) / MILLION };
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Tokens of what was said, and whether they are the provider's own count. */
export interface History {
  readonly tokens: number;
  readonly isReported: boolean;
}

/** The provider's own count, and what has come since. It looks at all messages: not to be asked for each key that is pressed. */
export function historyOf(tree: Pick<Tree, 'path' | 'get'>, instructions: string): History {
  let since = 0;
  for (let at = tree.path.length - 1; at >= 0; at--) {
    const message = tree.get(tree.path[at] ?? '')?.message;
    const { input_tokens: input, output_tokens: output } = message?.usage ?? {};
    if (typeof input === 'number' && typeof output === 'number') {
      return { tokens: input + output + since, isReported: true };
    }
    since += message ? weigh(message) : 0;
  }
  return { tokens: since + estimate(instructions), isReported: false };
}

const weights = new WeakMap<Message, number>();

function weigh(message: Message): number {
  let weight = weights.get(message);
  if (weight === undefined) {
    weight = message.parts.reduce((sum, part) => {
      switch (part.type) {
        case 'text':
        case 'reasoning':
        case 'quote':
          return sum + estimate(part.text);
        case 'image':
          return sum + IMAGE_TOKENS;
        default:
          return sum + estimate(JSON.stringify(part));
      }
    }, 0);
    weights.set(message, weight);
  }
  return weight;
}
