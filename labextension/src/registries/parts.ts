import type { ComponentType } from 'react';

import type { Message, Part } from '../api/schema';
import type { Node } from '../model/node';
import { Observable } from '../model/observable';

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

/** A renderer as it is registered: with its component, or with how to get it when the first panel is shown. */
export type PartRendererOffer<P extends Part = Part> = { joins?: boolean } & (
  { component: ComponentType<PartProps<P>> } | { load: () => Promise<ComponentType<PartProps<P>>> }
);

interface Entry {
  readonly offer: PartRendererOffer;
  renderer: PartRenderer | null;
}

/** Which component draws which type of part. The one that was registered last counts. */
export class PartRegistry extends Observable {
  private readonly entries = new Map<string, Entry>();
  private fallback: Entry | null = null;
  private isLoaded = false;

  /** Draw parts of `type` with `offer`. Undone by calling what is returned. */
  register<T extends Part['type']>(
    type: T,
    offer: PartRendererOffer<Extract<Part, { type: T }>>
  ): () => void {
    const entry = this.enter(offer as unknown as PartRendererOffer);
    const before = this.entries.get(type);
    this.entries.set(type, entry);
    this.changed();
    return () => {
      if (this.entries.get(type) === entry) {
        if (before) {
          this.entries.set(type, before);
        } else {
          this.entries.delete(type);
        }
        this.changed();
      }
    };
  }

  /** Draws what nobody knows. */
  setFallback(offer: PartRendererOffer): void {
    this.fallback = this.enter(offer);
    this.changed();
  }

  /** Fetch the components of all that is registered; what is registered later is fetched at once. */
  async load(): Promise<void> {
    this.isLoaded = true;
    const entries = [...this.entries.values(), ...(this.fallback ? [this.fallback] : [])];
    await Promise.all(entries.map(entry => fetchComponent(entry)));
    this.changed();
  }

  get(type: string): PartRenderer | null {
    return this.entries.get(type)?.renderer ?? this.fallback?.renderer ?? null;
  }

  private enter(offer: PartRendererOffer): Entry {
    const entry: Entry = { offer, renderer: null };
    if ('component' in offer) {
      entry.renderer = offer;
    } else if (this.isLoaded) {
      void fetchComponent(entry).then(() => {
        this.changed();
      });
    }
    return entry;
  }
}

/** One renderer that cannot be had leaves its parts to the fallback; it does not take the panel away. */
async function fetchComponent(entry: Entry): Promise<void> {
  const { offer } = entry;
  if (entry.renderer === null && 'load' in offer) {
    try {
      const component = await offer.load();
      entry.renderer = { component, joins: offer.joins };
    } catch (reason) {
      console.error('llmhub: a renderer could not be loaded.', reason);
    }
  }
}
