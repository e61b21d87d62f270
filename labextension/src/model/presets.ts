import type { Client } from '../api/client';
import type { Params, Preset, PresetChanges } from '../api/schema';
import { newId } from './ids';
import { Observable } from './observable';

export type PresetsClient = Pick<Client, 'presets' | 'savePreset' | 'updatePreset' | 'deletePreset'>;

/** Models and parameters under names, kept on the server. */
export class Presets extends Observable {
  items: readonly Preset[] = [];
  /** The preset that was deleted last, until something else is done: it can be had back. */
  removal: Preset | null = null;

  constructor(private readonly client: PresetsClient) {
    super();
  }

  /** The one that a new conversation begins with. */
  get default(): Preset | undefined {
    return this.items.find(preset => preset.default);
  }

  get(id: string | null): Preset | undefined {
    return this.items.find(preset => preset.id === id);
  }

  /** By its name, without case. */
  named(name: string): Preset | undefined {
    const wanted = name.trim().toLowerCase();
    return this.items.find(preset => preset.name.toLowerCase() === wanted);
  }

  /** The one that says exactly this. */
  fitting(model: string | null, params: Params): Preset | undefined {
    const said = canonical(params);
    return this.items.find(
      preset => (preset.model ?? model) === model && canonical(preset.params as Params) === said
    );
  }

  async load(): Promise<void> {
    try {
      this.items = (await this.client.presets()).items;
      this.changed();
    } catch {
      // Those that are known stay; the next notice asks again.
    }
  }

  async save(name: string, model: string | null, params: Params): Promise<Preset> {
    const saved = await this.client.savePreset({ client_request_id: newId(), name, model, params });
    this.removal = null;
    await this.load();
    return saved;
  }

  async change(id: string, changes: PresetChanges): Promise<void> {
    await this.client.updatePreset(id, changes);
    this.removal = null;
    await this.load();
  }

  async remove(preset: Preset): Promise<void> {
    await this.client.deletePreset(preset.id);
    this.removal = preset;
    await this.load();
  }

  /** Have the preset back that was deleted last. */
  async undo(): Promise<void> {
    const { removal } = this;
    if (removal) {
      const { name, model, params, tools, default: isDefault } = removal;
      const again = { name, model, params: params as Params, tools, default: isDefault };
      await this.client.savePreset({ client_request_id: newId(), ...again });
      this.removal = null;
      await this.load();
    }
  }
}

/** The same text for the same parameters, in whatever order. */
function canonical(params: Params): string {
  const entries = Object.entries(params).filter(([, value]) => value != null);
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
