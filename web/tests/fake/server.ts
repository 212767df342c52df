import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import {
  isFinal,
  type ChatEvent,
  type Job,
  type JobEvent,
  type Minutes,
  type Segment,
  type SummaryOptions,
} from '../../src/api/types';
import { makeAdmin, makeAnswer, makeJob, makeTone, type Recorded } from './data';
import { edit } from './edits';

/** The policy that the real server sends with the page. */
const POLICY = [
  "default-src 'self'",
  "require-trusted-types-for 'script'",
  'trusted-types svelte-trusted-html',
  "media-src 'self' blob:",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

interface Uploaded {
  fields: Record<string, string>;
  bytes: Buffer;
  size: number | undefined;
  job?: string;
}

/** A stand-in for the API, for what a test cannot make the real program do: 500 jobs, 5,000 segments, failures. */
export class FakeServer {
  records = new Map<string, Recorded>();
  uploads = new Map<string, Uploaded>();
  /** What is answered to other requests, by `METHOD path`. */
  admin: Record<string, object> = makeAdmin();
  templates = {
    templates: ['general', 'lecture', 'medical', 'board'].map((name) => ({
      name,
      title: name === 'board' ? 'Board of directors' : name,
      description: `What a ${name} meeting comes to.`,
    })),
    default: 'general',
  };
  /** How further minutes were wanted so far. */
  wishes: SummaryOptions[] = [];
  /** Requests so far, as `METHOD path`. */
  log: string[] = [];
  /** Called before each request; an answer other than `undefined` is sent as a problem with that status. */
  refuse: (request: string) => number | undefined = () => undefined;
  /** What is told to who asks a question; one that does not end stays open. */
  answer: (question: string) => ChatEvent[] = () => makeAnswer();
  /** Questions that are being answered. */
  asking = 0;
  #server: Server;
  #streams = new Map<string, Set<ServerResponse>>();

  private constructor(private dist: string) {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(dist: string): Promise<FakeServer> {
    const fake = new FakeServer(dist);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Breaks all event streams, as a lost connection does. */
  cut(): void {
    for (const streams of this.#streams.values()) for (const stream of streams) stream.destroy();
  }

  openStreams(): number {
    return [...this.#streams.values()].reduce((sum, streams) => sum + streams.size, 0);
  }

  add(
    job: Job,
    parts: { segments?: Segment[]; versions?: Minutes[]; audio?: Buffer; peaks?: number[] } = {},
  ): Job {
    const { segments = [], versions = [], audio = makeTone(2), peaks } = parts;
    job.has_peaks = peaks !== undefined;
    job.segment_count = segments.length;
    const events: JobEvent[] = segments.map((segment) => ({
      type: 'transcript_segment',
      status: job.status,
      ...segment,
    }));
    const newest = versions[0];
    if (newest)
      events.push({ type: 'final_summary', summary: newest, segment_count: segments.length, status: 'COMPLETED' });
    job.current_summary = newest?.version ?? null;
    job.last_event = events.length;
    this.records.set(job.job_id, {
      job,
      segments,
      versions,
      events,
      audio,
      chat: [],
      peaks,
      original: segments,
      past: [],
      future: [],
      newest: 0,
    });
    return job;
  }

  /** Something happens to a job: it is stored and told to all who watch. */
  tell(id: string, event: JobEvent): void {
    const record = this.records.get(id);
    if (!record) return;
    const { job } = record;
    const passing = event.type === 'progress' || event.type === 'summary_delta';
    if (event.type === 'progress') job.progress = { ...event };
    else if (event.type !== 'summary_delta') {
      job.status = event.status;
      record.events.push(event);
      job.last_event = record.events.length;
    }
    if (event.type === 'transcript_segment') record.segments.push(event);
    if (event.type === 'final_summary') {
      record.versions.unshift(event.summary);
      job.current_summary = event.summary.version;
    }
    if (event.type === 'error' && event.status !== 'COMPLETED') job.failure = { code: event.code, message: event.message };
    job.segment_count = record.segments.length;
    const seq = passing ? undefined : record.events.length;
    for (const stream of this.#streams.get(id) ?? []) send(stream, event, seq, false);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake');
    const line = `${request.method} ${url.pathname}`;
    this.log.push(`${line}${url.search}`);
    const refused = this.refuse(line);
    if (refused === 0) return void request.socket.destroy();
    if (refused !== undefined) return problem(response, refused, 'refused', 'The stand-in was told to refuse.');
    if (this.admin[line] !== undefined) return this.#tell(line, response);
    const [, , , resource, id = '', what, ...rest] = url.pathname.split('/');
    if (!url.pathname.startsWith('/api/')) return this.#file(url.pathname, response);
    if (url.pathname.startsWith('/api/v1/uploads')) return this.#upload(id || undefined, request, response);
    if (url.pathname === '/api/v1/templates') return json(response, this.templates);
    if (resource === 'tags') return this.#tags(response);
    if (id === '') return this.#list(url, response);
    const record = this.records.get(id);
    if (!record) return problem(response, 404, 'not_found', 'There is no such job.');
    if (what === 'segments' || what === 'speakers' || (what === 'transcript' && rest.length > 0)) {
      return this.#edit(record, [what ?? '', ...rest], request, response);
    }
    await this.#one(record, what, url, request, response);
  }

  /** Answers as the test says. */
  #tell(line: string, response: ServerResponse): void {
    const { status = 200, ...body } = this.admin[line] as { status?: number };
    json(response, body, status);
  }

  #file(path: string, response: ServerResponse): void {
    const file = join(this.dist, normalize(path === '/' ? '/index.html' : path));
    if (!existsSync(file)) return problem(response, 404, 'not_found', 'There is no such file.');
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': POLICY });
    createReadStream(file).pipe(response);
  }

  #tags(response: ServerResponse): void {
    const counts = new Map<string, number>();
    for (const { job } of this.records.values()) {
      for (const tag of job.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    }
    const tags = [...counts].map(([tag, jobs]) => ({ tag, jobs })).sort((a, b) => b.jobs - a.jobs);
    json(response, { tags });
  }

  async #edit(record: Recorded, path: string[], request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const event = edit(record, path, JSON.parse(body) as Parameters<typeof edit>[2]);
    if (typeof event === 'string') return problem(response, 409, event, 'Somebody else has edited the transcript.');
    this.tell(record.job.job_id, event);
    json(response, { transcript_revision: event.transcript_revision, event });
  }

  #result(id: string, response: ServerResponse): void {
    const record = this.records.get(id);
    if (!record) return problem(response, 404, 'not_found', 'There is no such job.');
    json(response, { ...record.job, segments: record.segments, structured_summary: shown(record) ?? null });
  }

  /** Uploads in pieces, as far as the page needs them. */
  async #upload(id: string | undefined, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const header = (name: string) => request.headers[name] as string | undefined;
    const answer = (status: number, one: Uploaded, more = {}) => {
      const job = one.job ? { 'Seogi-Job': one.job } : {};
      response.writeHead(status, { 'Upload-Offset': one.bytes.length, ...job, ...more }).end();
    };
    if (request.method === 'POST') {
      const own = `upload-${this.uploads.size + 1}`;
      const pairs = (header('upload-metadata') ?? '').split(',').map((pair) => pair.split(' '));
      const fields = Object.fromEntries(
        pairs.map(([key = '', value = '']) => [key, Buffer.from(value, 'base64').toString()]),
      );
      const size = header('upload-length');
      const begun: Uploaded = { fields, bytes: Buffer.alloc(0), size: size === undefined ? undefined : Number(size) };
      this.uploads.set(own, begun);
      return answer(201, begun, { Location: `/api/v1/uploads/${own}` });
    }
    const one = this.uploads.get(id ?? '');
    if (!one) return problem(response, 404, 'upload_not_found', 'There is no such upload.');
    if (request.method === 'DELETE') this.uploads.delete(id ?? '');
    if (request.method !== 'PATCH') return answer(request.method === 'HEAD' ? 200 : 204, one);
    if (Number(header('upload-offset')) !== one.bytes.length)
      return problem(response, 409, 'wrong_offset', 'The piece belongs elsewhere.');
    one.size ??= header('upload-length') === undefined ? undefined : Number(header('upload-length'));
    // What came before a connection broke is kept.
    try {
      for await (const chunk of request) one.bytes = Buffer.concat([one.bytes, chunk as Buffer]);
    } catch {
      return;
    }
    if (one.bytes.length === one.size) one.job ??= this.#accept(one);
    answer(204, one);
  }

  #accept({ fields }: Uploaded): string {
    const { filename = 'unnamed', title, language } = fields;
    const options = language ? { language } : {};
    return this.add(makeJob(title || filename, 'PENDING', { file_name: filename, options })).job_id;
  }

  #list(url: URL, response: ServerResponse): void {
    const query = url.searchParams;
    const words = (query.get('q') ?? '').toLowerCase();
    const cursor = query.get('cursor');
    const limit = Number(query.get('limit') ?? 20);
    const found = [...this.records.values()]
      .filter(({ job, segments }) =>
        [job.title, ...segments.map(({ text }) => text)].join('\n').toLowerCase().includes(words),
      )
      .map(({ job }) => job)
      .filter((job) => !query.get('status') || job.status === query.get('status'))
      .filter((job) => !query.get('tag') || job.tags.includes(query.get('tag')!))
      .sort((a, b) => (a.job_id < b.job_id ? 1 : -1))
      .filter((job) => cursor === null || job.job_id < cursor);
    const jobs = found.slice(0, limit);
    json(response, { jobs, next_cursor: found.length > limit ? (jobs.at(-1)?.job_id ?? null) : null });
  }

  async #one(record: Recorded, what: string | undefined, url: URL, request: IncomingMessage, response: ServerResponse) {
    const { job } = record;
    switch (`${request.method} ${what ?? ''}`) {
      case 'GET ':
        return this.#result(job.job_id, response);
      case 'PATCH ': {
        Object.assign(job, JSON.parse(await body(request)) as { title?: string; tags?: string[] });
        return json(response, job);
      }
      case 'DELETE ':
        this.records.delete(job.job_id);
        return void response.writeHead(204).end();
      case 'POST cancel':
        if (isFinal(job.status)) return problem(response, 409, 'wrong_status', 'The job is finished.');
        this.tell(job.job_id, {
          type: 'error',
          code: 'cancelled',
          message: 'The job was cancelled.',
          status: 'CANCELLED',
        });
        return json(response, job);
      case 'POST retry':
        job.failure = null;
        this.tell(job.job_id, { type: 'status', status: 'PENDING' });
        return json(response, job, 202);
      case 'GET events':
        return this.#events(record, request, response);
      case 'GET summaries':
        return json(response, summaries(record));
      case 'GET chat':
        return json(response, { job_id: job.job_id, messages: record.chat });
      case 'DELETE chat':
        record.chat = [];
        return void response.writeHead(204).end();
      case 'POST chat':
        return this.#chat(record, request, response);
      case 'POST summaries':
        this.wishes.push(JSON.parse(await body(request)) as SummaryOptions);
        this.tell(job.job_id, { type: 'status', status: 'TRANSCRIBED' });
        return json(response, job, 202);
      case 'PUT summaries':
        job.current_summary = (JSON.parse(await body(request)) as { version: number }).version;
        return json(response, summaries(record));
      case 'GET minutes': {
        const [format, version] = [url.searchParams.get('format'), url.searchParams.get('version')];
        const minutes = record.versions.find((one) => String(one.version) === version);
        if (!minutes) return problem(response, 404, 'summary_not_found', 'There are no such minutes.');
        return format === 'json' ? json(response, minutes) : void response.end(`${format === 'md' ? '#' : 'txt:'} ${minutes.title}\n`);
      }
      case 'GET peaks':
        if (!record.peaks) return problem(response, 404, 'no_peaks', 'There is no waveform.');
        return json(response, {
          seconds_per_peak: (job.duration_seconds ?? 1) / record.peaks.length,
          peaks: record.peaks,
        });
      case 'GET audio':
        return audio(record.audio, request, response);
      case 'GET transcript':
        if (url.searchParams.get('original') === 'true') return json(response, { segments: record.original });
        response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
        return void response.end(
          url.searchParams.get('format') === 'json'
            ? JSON.stringify(record.segments)
            : record.segments.map(({ text }) => text).join('\n'),
        );
      default:
        return problem(response, 404, 'not_found', 'There is no such route.');
    }
  }

  async #chat(record: Recorded, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { message: text } = JSON.parse(body) as { message: string };
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    this.asking += 1;
    response.on('close', () => (this.asking -= 1));
    for (const event of this.answer(text)) {
      if (event.type === 'chat_message') {
        const number = record.chat.length + 1;
        record.chat.push({ number, role: 'user', text, segments: [], created_at: Date.now() });
        record.chat.push({ ...event.message, number: number + 1 });
      }
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      if (event.type === 'chat_message' || event.type === 'error') response.end();
    }
  }

  #events(record: Recorded, request: IncomingMessage, response: ServerResponse): void {
    const id = record.job.job_id;
    const since = Number(request.headers['last-event-id'] ?? 0);
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    response.write(': welcome\n\n');
    record.events.slice(since).forEach((event, at) => send(response, event, since + at + 1, true));
    const follows = new URL(request.url ?? '', 'http://fake').searchParams.get('follow') === 'true';
    if (isFinal(record.job.status) && !follows) return void response.end();
    const streams = this.#streams.get(id) ?? new Set();
    this.#streams.set(id, streams.add(response));
    response.on('close', () => streams.delete(response));
  }
}

function send(response: ServerResponse, event: JobEvent, seq: number | undefined, historical: boolean): void {
  const id = seq === undefined ? '' : `id: ${seq}\n`;
  response.write(`event: ${event.type}\n${id}data: ${JSON.stringify({ ...event, is_historical: historical })}\n\n`);
}

async function body(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

const shown = ({ job, versions }: Recorded) => versions.find(({ version }) => version === job.current_summary);

const summaries = ({ job, versions }: Recorded) => ({
  job_id: job.job_id,
  current: job.current_summary,
  summaries: [...versions].reverse(),
});

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function problem(response: ServerResponse, status: number, code: string, detail: string): void {
  const body = JSON.stringify({ status, code, title: code, detail });
  response.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(body);
}

function audio(sound: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
  const from = Number(range?.[1] ?? 0);
  const to = Math.min(Number(range?.[2] || sound.length - 1), sound.length - 1);
  response.writeHead(range ? 206 : 200, {
    'Content-Type': 'audio/wav',
    'Accept-Ranges': 'bytes',
    'Content-Length': to - from + 1,
    ...(range && { 'Content-Range': `bytes ${from}-${to}/${sound.length}` }),
  });
  response.end(sound.subarray(from, to + 1));
}
