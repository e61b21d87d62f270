/** What is said between an output and the kernel that made it. No address and no key: all requests are the kernel's. */
import type { ErrorInfo, Message, RunEvent } from '../api/schema';

/** A model that can be chosen. */
export interface Choice {
  readonly id: string;
  readonly label: string;
}

/** A message of the branch that is shown, and all that stand beside each other there, itself among them. */
export interface Turn {
  readonly shown: string;
  readonly messages: readonly Message[];
}

/** Some of a block's code, and the name of its colour; empty where it has none. */
export type Piece = readonly [text: string, colour: string];

/** From the kernel. `models`: those that are all asked each question; none: `model` is. */
export type Told =
  | { type: 'state'; turns: Turn[]; model: string | null; models: string[] }
  | { type: 'models'; items: Choice[] }
  | { type: 'heard'; id: string }
  | { type: 'event'; message_id: string; event: RunEvent }
  /** `id` empty: it is about no question, or one that was heard before; `text` is that one, to be sent again. `stays`: until the next. */
  | { type: 'refused'; id: string; error: ErrorInfo; text?: string; stays?: boolean }
  /** `mathml` null: it is no formula that can be read. */
  | { type: 'formula'; tex: string; block: boolean; mathml: string | null }
  /** Together the pieces are the code. */
  | { type: 'code'; language: string; pieces: Piece[] };

/** To the kernel. */
export type Asked =
  | { type: 'hello' }
  | { type: 'refresh' }
  | { type: 'replay'; message_id: string }
  | { type: 'ask'; id: string; text: string }
  | { type: 'stop'; message_id?: string }
  | { type: 'choose'; message_id: string }
  | { type: 'model'; model: string }
  | { type: 'formula'; tex: string; block: boolean }
  | { type: 'code'; code: string; language: string };

/** The way to the kernel. */
export interface Line {
  send: (asked: Asked) => void;
  /** Gives back how to hang up. */
  listen: (hear: (told: Told) => void) => () => void;
}

/** anywidget's model, as far as it is used. */
export interface AnyModel {
  get: (name: string) => unknown;
  send: (content: unknown) => void;
  on: (event: 'msg:custom', hear: (content: unknown) => void) => void;
  off: (event: 'msg:custom', hear: (content: unknown) => void) => void;
}

export function lineOver(model: AnyModel): Line {
  return {
    send: asked => {
      model.send(asked);
    },
    listen: hear => {
      const take = (content: unknown): void => {
        if (typeof content === 'object' && content !== null && 'type' in content) {
          hear(content as Told);
        }
      };
      model.on('msg:custom', take);
      return () => {
        model.off('msg:custom', take);
      };
    }
  };
}
