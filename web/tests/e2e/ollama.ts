import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const MODEL = 'fake:1b';
/** Time between two pieces of an answer. */
const PACE_MS = 40;

/** A stand-in for Ollama that writes minutes of the lines it is given, answers questions, and can be held before it ends. */
export class Ollama {
  /** While it is set, answers begin and do not end. */
  held = false;
  #server: Server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<Ollama> {
    const ollama = new Ollama();
    await new Promise<void>((listening) => ollama.#server.listen(0, '127.0.0.1', listening));
    return ollama;
  }

  /** What the program has to be told to use it. */
  get variables(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return { LLM_PROVIDER: 'ollama', OLLAMA_MODEL_NAME: MODEL, OLLAMA_BASE_URL: `http://127.0.0.1:${port}` };
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
    if (!request.url?.endsWith('/chat'))
      return void response.end(
        JSON.stringify({
          license: '',
          modelfile: '',
          parameters: '',
          template: '',
          details: {},
          model_info: { 'fake.context_length': 8192 },
          capabilities: ['completion'],
        }),
      );
    const asked = JSON.parse(body) as { messages: { role: string; content: string }[]; format?: unknown };
    const say = (content: string, end = {}) => {
      const message = { role: 'assistant', content };
      const at = { model: MODEL, created_at: '2026-01-01T00:00:00Z' };
      response.write(`${JSON.stringify({ ...at, message, done: false, ...end })}\n`);
    };
    const prompt = asked.messages.at(-1)?.content ?? '';
    const words = asked.format ? minutesOf(prompt, JSON.stringify(asked.format)) : answerOf(prompt);
    for (let at = 0; at < words.length - 1; at += 40) {
      say(words.slice(at, Math.min(at + 40, words.length - 1)));
      await pause();
    }
    while (this.held) {
      // Space between two signs of JSON means nothing.
      say(' ');
      await pause();
    }
    say(words.slice(-1));
    say('', { done: true, done_reason: 'stop', prompt_eval_count: 100, eval_count: 50 });
    response.end();
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, PACE_MS));

/** The numbered lines of a prompt. */
const linesOf = (prompt: string) =>
  [...prompt.matchAll(/^(\d+)\| (.+)$/gm)].map(([, number, text = '']) => ({ number: Number(number), text }));

/** An answer that says what the first line says. */
function answerOf(prompt: string): string {
  const [first] = linesOf(prompt);
  return `${first?.text} [${first?.number}]`;
}

/** Minutes that say only what the numbered lines of a prompt say, with the fields that the schema names. */
function minutesOf(prompt: string, schema: string): string {
  const lines = linesOf(prompt);
  const points = lines.slice(0, 3).map(({ number, text }) => ({ text, segments: [number] }));
  const own = ['complaint', 'assessment', 'plan'].filter((name) => schema.includes(`"${name}"`));
  return JSON.stringify({
    title: lines[0]?.text,
    summary: (lines[1] ?? lines[0])?.text,
    ...Object.fromEntries(own.map((name) => [name, points])),
    key_points: points,
    decisions: [],
    action_items: lines
      .filter(({ text }) => text.startsWith('Action item'))
      .map(({ number, text }) => ({
        task: text,
        owner: / for (\w+)/.exec(text)?.[1] ?? null,
        due: null,
        segments: [number],
      })),
    open_questions: [],
    chapters: [],
  });
}
