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
import { json, problem, send } from './answers';
import { makeAdmin, makeAnswer, makeTone, withWords, type Recorded } from './data';
import { answer } from './job';
import { list, tags } from './library';
import { upload, type Uploaded } from './uploads';

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

/** A stand-in for the API, for what a test cannot make the real program do: 500 jobs, 5,000 segments, failures. */
export class FakeServer {
  records = new Map<string, Recorded>();
  uploads = new Map<string, Uploaded>();
  /** What is answered to other requests, by `METHOD path`. */
  admin: Record<string, object> = makeAdmin();
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
      original: segments.map(withWords),
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
    if (event.type === 'transcript_segment') {
      record.segments.push(event);
      record.original.push(withWords(event));
    }
    if (event.type === 'summary_chosen') job.current_summary = event.version;
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
    if (!url.pathname.startsWith('/api/')) return this.#file(url.pathname, response);
    const [, , , resource, id = '', ...path] = url.pathname.split('/');
    if (resource === 'uploads') return upload(this, id, request, response);
    if (resource === 'tags') return tags(this, response);
    if (id === '') return list(this, url.searchParams, response);
    const record = this.records.get(id);
    if (!record) return problem(response, 404, 'not_found', 'There is no such job.');
    await answer({ fake: this, record, query: url.searchParams, request, response }, path);
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

  /** Tells all that happened to a recording, and what happens from now on. */
  watch(record: Recorded, request: IncomingMessage, response: ServerResponse): void {
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
