import type { IncomingMessage, ServerResponse } from 'node:http';
import { problem } from './answers';
import { makeJob } from './data';
import type { FakeServer } from './server';

/** An upload that comes in pieces. */
export interface Uploaded {
  fields: Record<string, string>;
  bytes: Buffer;
  size: number | undefined;
  job?: string;
}

function answer(response: ServerResponse, status: number, one: Uploaded, more = {}): void {
  const job = one.job ? { 'Seogi-Job': one.job } : {};
  response.writeHead(status, { 'Upload-Offset': one.bytes.length, ...job, ...more }).end();
}

/** Uploads in pieces, as far as the page needs them. */
export async function upload(
  fake: FakeServer,
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'POST') return begin(fake, request, response);
  const one = fake.uploads.get(id);
  if (!one) return problem(response, 404, 'upload_not_found', 'There is no such upload.');
  if (request.method === 'DELETE') fake.uploads.delete(id);
  if (request.method !== 'PATCH') return answer(response, request.method === 'HEAD' ? 200 : 204, one);
  await append(fake, one, request, response);
}

const header = (request: IncomingMessage, name: string) => request.headers[name] as string | undefined;

function begin(fake: FakeServer, request: IncomingMessage, response: ServerResponse): void {
  const own = `upload-${fake.uploads.size + 1}`;
  const pairs = (header(request, 'upload-metadata') ?? '').split(',').map((pair) => pair.split(' '));
  const fields = Object.fromEntries(
    pairs.map(([key = '', value = '']) => [key, Buffer.from(value, 'base64').toString()]),
  );
  const size = header(request, 'upload-length');
  const begun: Uploaded = { fields, bytes: Buffer.alloc(0), size: size === undefined ? undefined : Number(size) };
  fake.uploads.set(own, begun);
  answer(response, 201, begun, { Location: `/api/v1/uploads/${own}` });
}

async function append(
  fake: FakeServer,
  one: Uploaded,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (Number(header(request, 'upload-offset')) !== one.bytes.length)
    return problem(response, 409, 'wrong_offset', 'The piece belongs elsewhere.');
  const size = header(request, 'upload-length');
  one.size ??= size === undefined ? undefined : Number(size);
  // What came before a connection broke is kept.
  try {
    for await (const chunk of request) one.bytes = Buffer.concat([one.bytes, chunk as Buffer]);
  } catch {
    return;
  }
  if (one.bytes.length === one.size) one.job ??= accept(fake, one);
  answer(response, 204, one);
}

function accept(fake: FakeServer, { fields }: Uploaded): string {
  const { filename = 'unnamed', title, language } = fields;
  const options = language ? { language } : {};
  return fake.add(makeJob(title || filename, 'PENDING', { file_name: filename, options })).job_id;
}
