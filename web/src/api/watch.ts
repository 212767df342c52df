import { messagesOf, type SseMessage } from './sse';
import { endsStream, isDeletion, type JobEvent } from './types';

/** `live`: events arrive; `lost`: the connection broke and is being made again; `ended`: there is no more to come. */
export type Connection = 'connecting' | 'live' | 'lost' | 'ended';

export interface Watching {
  url: string;
  /** Number of the last event that is already known; the stream goes on after it. */
  since: number;
  /** Gets each event, with its number if it is in the log. */
  onEvent: (event: JobEvent, seq: number | undefined) => void;
  /** Whether the end of the work is not the end of the watching. */
  stays?: boolean;
  onConnection: (state: Connection) => void;
  signal: AbortSignal;
  fetch?: typeof fetch;
  /** Waits that many milliseconds; tests put their own in. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The server sends a comment every 15 seconds; a stream that is silent for longer than this is dead. */
const SILENCE_MS = 45_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** Watches a job to its end. A lost connection is made again and goes on after the last event that arrived. */
export async function watch(options: Watching): Promise<void> {
  const { signal, onConnection, wait = pause } = options;
  const place = { last: options.since, failures: 0 };
  onConnection('connecting');
  while (!signal.aborted) {
    const ended = await listen(options, place).catch(() => false);
    if (signal.aborted) return;
    if (ended) return onConnection('ended');
    onConnection('lost');
    await wait(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** place.failures), signal);
    place.failures += 1;
  }
}

/** Where the watching stands: the newest event's number, and connections that broke since anything was heard. */
interface Place {
  last: number;
  failures: number;
}

/** One connection. Tells whether there is nothing more to come. */
async function listen(options: Watching, place: Place): Promise<boolean> {
  const close = new AbortController();
  const signal = AbortSignal.any([options.signal, close.signal]);
  const headers: Record<string, string> = { Accept: 'text/event-stream' };
  if (place.last > 0) headers['Last-Event-ID'] = String(place.last);
  const silent = () => close.abort();
  let timer = setTimeout(silent, SILENCE_MS);
  try {
    const response = await (options.fetch ?? fetch)(options.url, { headers, cache: 'no-store', signal });
    // There is no such job any more, or its log is another one: asking again would give the same.
    if (response.status >= 400 && response.status < 500) return true;
    if (!response.ok || !response.body) return false;
    options.onConnection('live');
    for await (const messages of messagesOf(response.body)) {
      place.failures = 0;
      clearTimeout(timer);
      timer = setTimeout(silent, SILENCE_MS);
      if (messages.some((message) => take(message, place, options))) return true;
    }
    return false;
  } finally {
    clearTimeout(timer);
    close.abort();
  }
}

/** Hands one message on, unless it is known already. Tells whether it is the last. */
function take(message: SseMessage, place: Place, { onEvent, stays = false }: Watching): boolean {
  const seq = message.id === undefined ? undefined : Number(message.id);
  if (seq !== undefined) {
    if (seq <= place.last) return false;
    place.last = seq;
  }
  let event: JobEvent;
  try {
    event = JSON.parse(message.data) as JobEvent;
  } catch {
    return false;
  }
  onEvent(event, seq);
  return stays ? isDeletion(event) : endsStream(event);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      removeEventListener('online', done);
      resolve();
    };
    // Some spread, so that a hundred pages do not come back in the same instant.
    const timer = setTimeout(done, ms * (0.75 + Math.random() / 2));
    signal.addEventListener('abort', done);
    // No need to wait any longer once the network is back.
    addEventListener('online', done);
  });
}
