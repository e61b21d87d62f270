/** Our own renderers, fetched together when the first panel is shown. */
export { FilePart } from './FilePart';
export { ImagePart } from './ImagePart';
export { JsonPart } from './JsonPart';
export { OutputPart } from './OutputPart';
export { CitationPart, QuotePart } from './QuotePart';
export { ReasoningPart } from './ReasoningPart';
export { TextPart } from './TextPart';
export { ToolCallPart, ToolResultPart } from './ToolPart';
