/** One message of a `text/event-stream`. */
export interface SseMessage {
  /** Name of the event; `message` where the server gives none. */
  event: string;
  data: string;
  /** The id that came with this very message, if one did. */
  id?: string;
}

/** The messages of a `text/event-stream`, all that each piece of it completes; none where it was only a comment. */
export async function* messagesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<SseMessage[]> {
  const parser = new SseParser();
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield parser.push(value);
  }
}

/** Reads a `text/event-stream` piece by piece, however it is cut, by the rules of the HTML standard. */
export class SseParser {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #id: string | undefined;

  /** Takes the next piece of the stream and gives the messages that it completes. */
  push(piece: string): SseMessage[] {
    const text = this.#rest + piece;
    // A carriage return at the very end may be half of a line's end: it waits for what follows.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    return lines.map((line) => this.#line(line)).filter((message) => message !== undefined);
  }

  #line(line: string): SseMessage | undefined {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    return undefined;
  }

  #dispatch(): SseMessage | undefined {
    const message: SseMessage = { event: this.#event || 'message', data: this.#data.join('\n') };
    if (this.#id !== undefined) message.id = this.#id;
    const empty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    this.#id = undefined;
    return empty ? undefined : message;
  }
}
