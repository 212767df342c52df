import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JobEvent } from '../../src/api/types';

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

export function problem(response: ServerResponse, status: number, code: string, detail: string): void {
  const body = JSON.stringify({ status, code, title: code, detail });
  response.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(body);
}

/** What was sent, as JSON; nothing: an empty object. */
export async function sent<T>(request: IncomingMessage): Promise<T> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text || '{}') as T;
}

/** An event of a stream; one in passing has no number. */
export function send(response: ServerResponse, event: JobEvent, seq: number | undefined, historical: boolean): void {
  const id = seq === undefined ? '' : `id: ${seq}\n`;
  response.write(`event: ${event.type}\n${id}data: ${JSON.stringify({ ...event, is_historical: historical })}\n\n`);
}

/** A sound, or the part of it that is asked for. */
export function sound(bytes: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
  const from = Number(range?.[1] ?? 0);
  const to = Math.min(Number(range?.[2] || bytes.length - 1), bytes.length - 1);
  response.writeHead(range ? 206 : 200, {
    'Content-Type': 'audio/wav',
    'Accept-Ranges': 'bytes',
    'Content-Length': to - from + 1,
    ...(range && { 'Content-Range': `bytes ${from}-${to}/${bytes.length}` }),
  });
  response.end(bytes.subarray(from, to + 1));
}
