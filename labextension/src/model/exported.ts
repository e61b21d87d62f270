/** Bytes at the beginning of a file by which a conversation's is told. */
const HEAD = 2 ** 16;

/** What the files of each product that is imported have in them, all of it near the beginning. */
const MARKS: readonly (readonly RegExp[])[] = [
  [/^\s*\{\s*"format"\s*:\s*"llmhub\.conversation"/],
  [/"mapping"\s*:\s*\{/, /"(?:create_time|current_node|title)"\s*:/], // ChatGPT
  [/"chat_messages"\s*:\s*\[/], // Claude
  [/"conversationId"\s*:/, /"(?:messages|messagesTree)"\s*:\s*\[/], // LibreChat
  [/"history"\s*:\s*\{/, /"(?:currentId|childrenIds)"\s*:/], // Open WebUI
  [/"version"\s*:\s*\d/, /"history"\s*:\s*\[/], // Chatbot UI
  [/^\s*\[\s*\{\s*"id"\s*:[^{]*"name"\s*:[^{]*"messages"\s*:\s*\[/], // its first version
  [/"messages"\s*:\s*\[/, /"users"\s*:\s*\{/, /"sender"\s*:/], // Jupyter AI
  [/"parentUuid"\s*:/, /"sessionId"\s*:/], // Notebook Intelligence
  [/^SQLite format 3\0/, /CREATE TABLE.{0,4}(?:conversations|responses|log)\b/] // llm
];

/** As what an export begins: JSON, lines of JSON, a database. Code and words that quote one do not. */
const DATA = /^(?:\s*[[{]|SQLite format 3\0)/;

/** Whether a file is what another product gives out of its conversations: a zip, which nothing else can be done with here, or by its beginning. */
export async function isExport(file: File): Promise<boolean> {
  if (isZip(file)) {
    return true;
  }
  if (/\.ipynb$/i.test(file.name)) {
    return false; // its cells are what is wanted
  }
  const head = await file
    .slice(0, HEAD)
    .text()
    .catch(() => ''); // a folder
  return DATA.test(head) && MARKS.some(marks => marks.every(mark => mark.test(head)));
}

export function isZip({ name, type }: { readonly name: string; readonly type: string }): boolean {
  return isZipType(type) || /\.zip$/i.test(name);
}

export function isZipType(type: string): boolean {
  return type === 'application/zip' || type === 'application/x-zip-compressed';
}
