import { fieldsOf, type Schema } from './schema';
import { messagesOf } from './sse';
import type {
  ChatEvent,
  ChatMessage,
  Edited,
  Job,
  JobPage,
  JobStatus,
  Minutes,
  Result,
  SummaryOptions,
  TemplateList,
  Segment,
  TagCount,
  Waveform,
} from './types';

/** A request that the server refused, or that never reached it (`status` 0, `code` `unreachable`). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  /** Whether the same may well succeed in a moment: no connection, a server that starts, a piece sent twice. */
  get mayPass(): boolean {
    return [0, 408, 502, 503, 504].includes(this.status) ? this.code !== 'empty' : this.code === 'wrong_offset';
  }
}

/** Letters that a title may have. */
export const LONGEST_TITLE = 200;

/** Makes a problem of an answer's status and body; the body need not be a problem document. */
export function problemOf(status: number, body: string): Problem {
  try {
    const { code, title, detail } = JSON.parse(body) as { code?: string; title?: string; detail?: string };
    return new Problem(status, code ?? 'unknown', detail ?? title ?? `HTTP ${status}`);
  } catch {
    return new Problem(status, 'unknown', `HTTP ${status}`);
  }
}

export const unreachable = (): Problem => new Problem(0, 'unreachable', '');

async function send(path: string, init: RequestInit, told: number[] = []): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { cache: 'no-store', ...init });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw unreachable();
  }
  if (!response.ok && !told.includes(response.status)) {
    throw problemOf(response.status, await response.text().catch(() => ''));
  }
  return response;
}

/** Asks the server; `told` are statuses of refusals that nevertheless bring what was asked for. */
export async function call<T>(path: string, init: RequestInit = {}, told: number[] = []): Promise<T> {
  const response = await send(path, init, told);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export const JOBS = 'api/v1/jobs';
const job = (id: string): string => `${JOBS}/${encodeURIComponent(id)}`;

export interface Listing {
  search?: string;
  status?: JobStatus | undefined;
  tag?: string | undefined;
  cursor?: string | undefined;
  limit: number;
}

export function listJobs(listing: Listing, signal?: AbortSignal): Promise<JobPage> {
  const query = new URLSearchParams({ limit: String(listing.limit) });
  if (listing.search) query.set('q', listing.search);
  if (listing.status) query.set('status', listing.status);
  if (listing.tag) query.set('tag', listing.tag);
  if (listing.cursor) query.set('cursor', listing.cursor);
  return call(`${JOBS}?${query}`, signal ? { signal } : {});
}

/** The whole job, with its text and the minutes that are shown. */
export const getResult = (id: string, signal: AbortSignal): Promise<Result> => call(job(id), { signal });

/** Every version of the minutes, the newest first. */
export const getVersions = (id: string, signal: AbortSignal): Promise<Minutes[]> =>
  call<{ summaries: Minutes[] }>(`${job(id)}/summaries`, { signal }).then(({ summaries }) => summaries.reverse());

const change = <T>(method: string, path: string, body: unknown): Promise<T> =>
  call(path, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

export const renameJob = (id: string, title: string): Promise<Job> => change('PATCH', job(id), { title });

/** The kinds of minutes that can be asked for. */
export const getTemplates = (): Promise<TemplateList> => call('api/v1/templates');

/** Names of the options that a recording can be uploaded with. */
export const getOptionNames = (): Promise<string[]> =>
  call<{ components: { schemas: Record<string, Schema> } }>('api/v1/openapi.json').then(({ components }) =>
    fieldsOf(components.schemas.JobOptions, components.schemas),
  );

/** Has another version of the minutes written. */
export const askForMinutes = (id: string, wishes: SummaryOptions): Promise<Job> =>
  change('POST', `${job(id)}/summaries`, wishes);

/** Makes a version of the minutes the one that is shown. */
export const chooseMinutes = (id: string, version: number): Promise<unknown> =>
  change('PUT', `${job(id)}/summaries/current`, { version });

export const tagJob = (id: string, tags: string[]): Promise<Job> => change('PATCH', job(id), { tags });
export const getTags = (): Promise<TagCount[]> => call<{ tags: TagCount[] }>('api/v1/tags').then(({ tags }) => tags);

/** What people do to a transcript; `at` counts letters as the server does, by code points. */
export type Edit =
  | { action: 'text'; number: number; text: string }
  | { action: 'split'; number: number; at: number }
  | { action: 'merge' | 'delete'; number: number }
  | { action: 'speaker'; number: number; speaker: string }
  | { action: 'rename_speaker'; from: string; to: string }
  | { action: 'undo' | 'redo' };

/** Edits the transcript, which must be at `revision`. */
export function editTranscript(id: string, revision: number, edit: Edit): Promise<Edited> {
  const segment = 'number' in edit ? `${job(id)}/segments/${edit.number}` : '';
  switch (edit.action) {
    case 'text':
      return change('PATCH', segment, { revision, text: edit.text });
    case 'speaker':
      return change('PATCH', segment, { revision, speaker: edit.speaker });
    case 'split':
      return change('POST', `${segment}/split`, { revision, at: edit.at });
    case 'merge':
      return change('POST', `${segment}/merge`, { revision });
    case 'delete':
      return call(`${segment}?revision=${revision}`, { method: 'DELETE' });
    case 'rename_speaker':
      return change('PATCH', `${job(id)}/speakers`, { revision, from: edit.from, to: edit.to });
    default:
      return change('POST', `${job(id)}/transcript/${edit.action}`, { revision });
  }
}

/** The segments as they were recognised, before anybody edited them, with their words. */
export const getOriginal = (id: string, signal: AbortSignal): Promise<Segment[]> =>
  call<{ segments: Segment[] }>(`${job(id)}/transcript?original=true`, { signal }).then(({ segments }) => segments);

/** The recording's waveform, which never changes: the browser may keep it. */
export const getWaveform = (id: string, signal: AbortSignal): Promise<Waveform> =>
  call(`${job(id)}/peaks`, { signal, cache: 'default' });

export const cancelJob = (id: string): Promise<Job> => call(`${job(id)}/cancel`, { method: 'POST' });
export const retryJob = (id: string): Promise<Job> => call(`${job(id)}/retry`, { method: 'POST' });

/** Deletes the job; goes through also when the page is being left. */
export const deleteJob = (id: string): Promise<void> => call(job(id), { method: 'DELETE', keepalive: true });

/** What was asked and answered about the recording, the oldest first. */
export const getChat = (id: string, signal: AbortSignal): Promise<ChatMessage[]> =>
  call<{ messages: ChatMessage[] }>(`${job(id)}/chat`, { signal }).then(({ messages }) => messages);

export const clearChat = (id: string): Promise<void> => call(`${job(id)}/chat`, { method: 'DELETE' });

/** Asks about a recording. `hear` gets the answer while it comes; `undefined` takes all back that came so far. */
export async function askChat(
  id: string,
  message: string,
  hear: (text: string | undefined) => void,
  signal: AbortSignal,
): Promise<ChatMessage> {
  const headers = { 'Content-Type': 'application/json', Accept: 'text/event-stream' };
  const init = { method: 'POST', headers, body: JSON.stringify({ message }), signal };
  const { body } = await send(`${job(id)}/chat`, init);
  try {
    for await (const messages of messagesOf(body!)) {
      for (const { data } of messages) {
        const event = JSON.parse(data) as ChatEvent;
        if (event.type === 'chat_delta') hear(event.text);
        else if (event.type === 'chat_restart') hear(undefined);
        else if (event.type === 'chat_message') return event.message;
        else if (event.type === 'error') throw new Problem(200, event.code, event.message);
      }
    }
  } catch (error) {
    if (signal.aborted || error instanceof Problem) throw error;
  }
  throw unreachable();
}

/** Events of the job, also after it is finished: others may edit its transcript. */
export const eventsUrl = (id: string): string => `${job(id)}/events?follow=true`;
export const audioUrl = (id: string): string => `${job(id)}/audio`;

export const TRANSCRIPT_FORMATS = ['txt', 'srt', 'vtt', 'json'] as const;
export type TranscriptFormat = (typeof TRANSCRIPT_FORMATS)[number];

export const getTranscript = (id: string, format: TranscriptFormat, signal: AbortSignal): Promise<string> =>
  text(`${job(id)}/transcript?format=${format}`, signal);

export const MINUTES_FORMATS = ['md', 'txt', 'json'] as const;
export type MinutesFormat = (typeof MINUTES_FORMATS)[number];

export const getMinutes = (id: string, format: MinutesFormat, version: number, signal: AbortSignal): Promise<string> =>
  text(`${job(id)}/minutes?format=${format}&version=${version}`, signal);

async function text(path: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(path, { signal, cache: 'no-store' }).catch(() => {
    throw unreachable();
  });
  const text = await response.text();
  if (!response.ok) throw problemOf(response.status, text);
  return text;
}
