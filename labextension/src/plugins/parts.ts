import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { FilePart, ImagePart } from '../components/parts/ImagePart';
import { JsonPart } from '../components/parts/JsonPart';
import { CitationPart, QuotePart } from '../components/parts/QuotePart';
import { ReasoningPart } from '../components/parts/ReasoningPart';
import { TextPart } from '../components/parts/TextPart';
import { ToolCallPart, ToolResultPart } from '../components/parts/ToolPart';
import { PartRegistry } from '../registries/parts';
import { IPartRegistry } from '../tokens';

/** Our own renderers, registered as anybody else's. */
export const partsPlugin: JupyterFrontEndPlugin<IPartRegistry> = {
  id: '@llmhub/lab:parts',
  description: 'Draws the parts of messages.',
  autoStart: true,
  provides: IPartRegistry,
  activate: (): IPartRegistry => {
    const registry = new PartRegistry();
    registry.register('text', { component: TextPart, joins: true });
    registry.register('reasoning', { component: ReasoningPart, joins: true });
    registry.register('image', { component: ImagePart, joins: true });
    registry.register('file', { component: FilePart, joins: true });
    registry.register('tool_call', { component: ToolCallPart });
    registry.register('tool_result', { component: ToolResultPart });
    registry.register('quote', { component: QuotePart, joins: true });
    registry.register('citation', { component: CitationPart, joins: true });
    registry.setFallback({ component: JsonPart });
    return registry;
  }
};
