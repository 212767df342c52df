import { Problem, problemOf, unreachable } from './client';

/** Uploads in pieces by the tus protocol 1.0: the server knows how far one has come, whatever broke before. */

const UPLOADS = 'api/v1/uploads';
const VERSION = { 'Tus-Resumable': '1.0.0' };

/** Where an upload stands on the server. */
export interface Standing {
  /** Bytes that are kept; the next piece belongs there. */
  offset: number;
  /** The job that it became. */
  job: string | undefined;
}

/** Text as Base64 of its UTF-8. */
export function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** The header `Upload-Metadata`: what is empty is left out. */
export function metadata(fields: Record<string, string>): string {
  const pairs = Object.entries(fields).filter(([, value]) => value !== '');
  return pairs.map(([key, value]) => `${key} ${base64(value)}`).join(',');
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, { cache: 'no-store', ...init }).catch((error: unknown) => {
    if (init.signal?.aborted) throw error;
    throw unreachable();
  });
  if (!response.ok) throw problemOf(response.status, await response.text().catch(() => ''));
  return response;
}

/** Begins an upload of `size` bytes, or of a recording that is still being made; gives its id. */
export async function beginUpload(
  fields: Record<string, string>,
  size: number | undefined,
  signal?: AbortSignal,
): Promise<string> {
  const length: Record<string, string> =
    size === undefined ? { 'Upload-Defer-Length': '1' } : { 'Upload-Length': String(size) };
  const headers = { ...VERSION, ...length, 'Upload-Metadata': metadata(fields) };
  const response = await ask(UPLOADS, { method: 'POST', headers, signal: signal ?? null });
  return response.headers.get('location')?.split('/').pop() ?? '';
}

const standing = (header: (name: string) => string | null): Standing => ({
  offset: Number(header('upload-offset') ?? 0),
  job: header('seogi-job') ?? undefined,
});

/** Asks how far an upload has come; none if the server does not know it (any more). */
export async function lookAtUpload(id: string, signal?: AbortSignal): Promise<Standing | undefined> {
  try {
    const response = await ask(`${UPLOADS}/${id}`, { method: 'HEAD', headers: VERSION, signal: signal ?? null });
    return standing((name) => response.headers.get(name));
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return undefined;
    throw error;
  }
}

/** Gives an upload up. That there is none any more is no error. */
export async function endUpload(id: string): Promise<void> {
  await ask(`${UPLOADS}/${id}`, { method: 'DELETE', headers: VERSION, keepalive: true }).catch(() => undefined);
}

export interface Piece {
  at: number;
  bytes: Blob;
  /** Size of the whole recording, with the last piece of one that was still being made. */
  size?: number;
}

/** Sends a piece; `onProgress` gets its bytes that are sent so far. Aborting rejects with an `AbortError`. */
export function sendPiece(
  id: string,
  { at, bytes, size }: Piece,
  onProgress: (sent: number) => void,
  signal: AbortSignal,
): Promise<Standing> {
  return new Promise((resolve, reject) => {
    // fetch cannot tell how much it has sent.
    const request = new XMLHttpRequest();
    request.open('PATCH', `${UPLOADS}/${id}`);
    const headers = { ...VERSION, 'Upload-Offset': String(at), 'Content-Type': 'application/offset+octet-stream' };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (size !== undefined) request.setRequestHeader('Upload-Length', String(size));
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'));
    request.onload = () => {
      const { status, responseText } = request;
      if (status < 200 || status > 299) reject(problemOf(status, responseText));
      else resolve(standing((name) => request.getResponseHeader(name)));
    };
    if (signal.aborted) return void request.onabort?.(new ProgressEvent('abort'));
    signal.addEventListener('abort', () => request.abort());
    request.send(bytes);
  });
}
