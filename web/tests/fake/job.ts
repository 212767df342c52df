import type { IncomingMessage, ServerResponse } from 'node:http';
import { isFinal, type Job, type SummaryOptions } from '../../src/api/types';
import { json, problem, sent, sound } from './answers';
import type { Recorded } from './data';
import { edit } from './edits';
import type { FakeServer } from './server';

/** A request about one recording. */
export interface Asked {
  fake: FakeServer;
  record: Recorded;
  query: URLSearchParams;
  request: IncomingMessage;
  response: ServerResponse;
}

/** What is answered, by method and the first word after the job. */
const ROUTES: Record<string, (asked: Asked) => void | Promise<void>> = {
  'GET ': ({ record, response }) => {
    const { job, segments } = record;
    json(response, { ...job, segments, structured_summary: shown(record) });
  },
  'PATCH ': async ({ record, request, response }) => {
    json(response, Object.assign(record.job, await sent<Partial<Job>>(request)));
  },
  'DELETE ': ({ fake, record, response }) => {
    fake.records.delete(record.job.job_id);
    response.writeHead(204).end();
  },
  'POST cancel': cancel,
  'POST retry': ({ fake, record: { job }, response }) => {
    job.failure = null;
    fake.tell(job.job_id, { type: 'status', status: 'PENDING' });
    json(response, job, 202);
  },
  'GET events': ({ fake, record, request, response }) => fake.watch(record, request, response),
  'GET summaries': ({ record, response }) => json(response, summaries(record)),
  'POST summaries': async ({ fake, record: { job }, request, response }) => {
    fake.wishes.push(await sent<SummaryOptions>(request));
    fake.tell(job.job_id, { type: 'status', status: 'TRANSCRIBED' });
    json(response, job, 202);
  },
  'PUT summaries': async ({ fake, record, request, response }) => {
    const { version } = await sent<{ version: number }>(request);
    fake.tell(record.job.job_id, { type: 'summary_chosen', version, status: record.job.status });
    json(response, summaries(record));
  },
  'GET minutes': minutes,
  'GET chat': ({ record, response }) => json(response, { job_id: record.job.job_id, messages: record.chat }),
  'DELETE chat': ({ record, response }) => {
    record.chat = [];
    response.writeHead(204).end();
  },
  'POST chat': chat,
  'GET peaks': ({ record: { job, peaks }, response }) => {
    if (!peaks) return problem(response, 404, 'no_peaks', 'There is no waveform.');
    json(response, { seconds_per_peak: (job.duration_seconds ?? 1) / peaks.length, peaks });
  },
  'GET audio': ({ record, request, response }) => sound(record.audio, request, response),
  'GET transcript': transcript,
};

/** Answers a request about one recording; `path` is what stands after its id. */
export async function answer(asked: Asked, path: string[]): Promise<void> {
  const [what = '', ...rest] = path;
  if (what === 'segments' || what === 'speakers' || (what === 'transcript' && rest.length > 0)) {
    return change(asked, path);
  }
  const route = ROUTES[`${asked.request.method} ${what}`];
  if (!route) return problem(asked.response, 404, 'not_found', 'There is no such route.');
  await route(asked);
}

const shown = ({ job, versions }: Recorded) =>
  versions.find(({ version }) => version === job.current_summary) ?? null;

const summaries = ({ job, versions }: Recorded) => ({
  job_id: job.job_id,
  current: job.current_summary,
  summaries: [...versions].reverse(),
});

function cancel({ fake, record: { job }, response }: Asked): void {
  if (isFinal(job.status)) return problem(response, 409, 'wrong_status', 'The job is finished.');
  // With minutes, it was another version of them that was cancelled.
  const status = job.current_summary === null ? 'CANCELLED' : 'COMPLETED';
  fake.tell(job.job_id, { type: 'error', code: 'cancelled', message: 'The job was cancelled.', status });
  json(response, job);
}

function minutes({ record, query, response }: Asked): void {
  const [format, version] = [query.get('format'), query.get('version')];
  const minutes = record.versions.find((one) => String(one.version) === version);
  if (!minutes) return problem(response, 404, 'summary_not_found', 'There are no such minutes.');
  if (format === 'json') return json(response, minutes);
  response.end(`${format === 'md' ? '#' : 'txt:'} ${minutes.title}\n`);
}

function transcript({ record, query, response }: Asked): void {
  if (query.get('original') === 'true') return json(response, { segments: record.original });
  if (query.get('format') === 'json') return json(response, record.segments);
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(record.segments.map(({ text }) => text).join('\n'));
}

async function change({ fake, record, query, request, response }: Asked, path: string[]): Promise<void> {
  const gone = request.method === 'DELETE' ? { revision: Number(query.get('revision')), gone: true } : {};
  const event = edit(record, path, { ...(await sent<Parameters<typeof edit>[2]>(request)), ...gone });
  if (typeof event === 'string') return problem(response, 409, event, 'Somebody else has edited the transcript.');
  fake.tell(record.job.job_id, event);
  json(response, { transcript_revision: event.transcript_revision, event });
}

async function chat({ fake, record, request, response }: Asked): Promise<void> {
  const { message: text } = await sent<{ message: string }>(request);
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  fake.asking += 1;
  response.on('close', () => (fake.asking -= 1));
  for (const event of fake.answer(text)) {
    if (event.type === 'chat_message') {
      const number = record.chat.length + 1;
      record.chat.push({ number, role: 'user', text, segments: [], created_at: Date.now() });
      record.chat.push({ ...event.message, number: number + 1 });
    }
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    if (event.type === 'chat_message' || event.type === 'error') response.end();
  }
}
