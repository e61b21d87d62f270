import type { Message, ModelInfo } from '../api/schema';
import { tokensOf } from './attachments';
import type { Draft } from './drafts';
import { estimate, IMAGE_TOKENS } from './tokens';
import type { Tree } from './tree';

/** What the next turn will need of what the model takes, in tokens. Estimates, but for what the last answer reported. */
export interface Budget {
  readonly window: number;
  readonly history: number;
  readonly draft: number;
  readonly files: number;
  /** Kept free for the answer. */
  readonly reserve: number;
  readonly used: number;
  /** `used` of `window`, from 0 to 1 and beyond. */
  readonly share: number;
  readonly level: 'quiet' | 'amber' | 'red';
  /** US dollars for the next turn, where the price is known. */
  readonly cost: number | null;
}

const AMBER = 0.7;
const RED = 0.9;
/** What an answer is taken to be while nobody has answered. */
const USUAL_ANSWER = 500;

/** What the next turn would take; null where nobody knows how much the model takes. */
export function budgetFor(
  said: History,
  draft: Pick<Draft, 'text' | 'files'>,
  model: ModelInfo | undefined
): Budget | null {
  const window = model?.context_window;
  if (!model || !window) {
    return null;
  }
  const { tokens: history, answer } = said;
  const written = estimate(draft.text);
  const files = draft.files.reduce((sum, part) => sum + tokensOf(part), 0);
  const used = history + written + files;
  const share = used / window;
  const { price } = model;
  return {
    window,
    history,
    draft: written,
    files,
    reserve: Math.min(model.max_output_tokens ?? window / 4, window / 4),
    used,
    share,
    level: share >= RED ? 'red' : share >= AMBER ? 'amber' : 'quiet',
    cost: price ? (used * price.input + answer * price.output) / 1_000_000 : null
  };
}

/** Tokens of what was said, and of the last answer. */
export interface History {
  readonly tokens: number;
  readonly answer: number;
}

/** The provider's own count, and what has come since. It looks at all messages: not to be asked for each key that is pressed. */
export function historyOf(tree: Pick<Tree, 'path' | 'get'>, instructions: string): History {
  let since = 0;
  for (let at = tree.path.length - 1; at >= 0; at--) {
    const message = tree.get(tree.path[at] ?? '')?.message;
    const { input_tokens: input, output_tokens: output } = message?.usage ?? {};
    if (typeof input === 'number' && typeof output === 'number') {
      return { tokens: input + output + since, answer: output };
    }
    since += message ? weigh(message) : 0;
  }
  return { tokens: since + estimate(instructions), answer: USUAL_ANSWER };
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
