import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { PartRegistry } from '../registries/parts';
import { IPartRegistry } from '../tokens';

const ours = () => import('../components/parts');

/** Our own renderers, registered as anybody else's. */
export const partsPlugin: JupyterFrontEndPlugin<IPartRegistry> = {
  id: '@llmhub/lab:parts',
  description: 'Draws the parts of messages.',
  autoStart: true,
  provides: IPartRegistry,
  activate: (): IPartRegistry => {
    const registry = new PartRegistry();
    registry.register('text', { load: async () => (await ours()).TextPart, joins: true });
    registry.register('reasoning', { load: async () => (await ours()).ReasoningPart, joins: true });
    registry.register('image', { load: async () => (await ours()).ImagePart, joins: true });
    registry.register('file', { load: async () => (await ours()).FilePart, joins: true });
    registry.register('tool_call', { load: async () => (await ours()).ToolCallPart });
    registry.register('tool_result', { load: async () => (await ours()).ToolResultPart });
    registry.register('output', { load: async () => (await ours()).OutputPart });
    registry.register('quote', { load: async () => (await ours()).QuotePart, joins: true });
    registry.register('citation', { load: async () => (await ours()).CitationPart, joins: true });
    registry.setFallback({ load: async () => (await ours()).JsonPart });
    return registry;
  }
};
