import type { ComponentType } from 'react';

import type { Message, Part } from '../api/schema';
import type { Node } from '../model/node';

/** What a renderer gets. `parts` are neighbours of one type that are drawn as one. */
export interface PartProps<P extends Part = Part> {
  readonly parts: readonly P[];
  /** Index of the first of `parts` in the message. */
  readonly index: number;
  readonly node: Node;
  readonly message: Message;
  /** No more will come for these parts. */
  readonly done: boolean;
}

export interface PartRenderer {
  readonly component: ComponentType<PartProps>;
  /** Neighbours of this type are drawn together: an answer that was continued reads without a seam. */
  readonly joins?: boolean;
}

/** Which component draws which type of part. The one that was registered last counts. */
export class PartRegistry {
  private readonly renderers = new Map<string, PartRenderer>();
  private fallback: PartRenderer | null = null;

  /** Draw parts of `type` with `renderer`. Undone by calling what is returned. */
  register<T extends Part['type']>(
    type: T,
    renderer: { component: ComponentType<PartProps<Extract<Part, { type: T }>>>; joins?: boolean }
  ): () => void {
    const entry = renderer as unknown as PartRenderer;
    const before = this.renderers.get(type);
    this.renderers.set(type, entry);
    return () => {
      if (this.renderers.get(type) === entry) {
        if (before) {
          this.renderers.set(type, before);
        } else {
          this.renderers.delete(type);
        }
      }
    };
  }

  /** Draws what nobody knows. */
  setFallback(renderer: PartRenderer): void {
    this.fallback = renderer;
  }

  get(type: string): PartRenderer | null {
    return this.renderers.get(type) ?? this.fallback;
  }
}
