/** The lines of a body as they come. Leaving the loop lets go of the connection. */
export async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += decoder.decode(value, { stream: !done });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
      if (done) {
        if (rest) {
          yield rest;
        }
        return;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
