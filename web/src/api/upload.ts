import { JOBS, problemOf, unreachable } from './client';
import type { Job } from './types';

export interface Recording {
  file: File;
  title: string;
  /** ISO 639-1 code; empty: found out from the recording. */
  language: string;
  /** Names this upload, so that sending it again after a lost answer gives the same job. */
  key: string;
}

/** Sends a recording. `onProgress` gets the bytes sent so far; aborting rejects with an `AbortError`. */
export function upload(
  recording: Recording,
  onProgress: (sent: number) => void,
  signal: AbortSignal,
): Promise<Pick<Job, 'job_id'>> {
  const form = new FormData();
  // The text fields go first: the server reads the parts in order, and the file is the long one.
  if (recording.title) form.append('title', recording.title);
  if (recording.language) form.append('language', recording.language);
  form.append('file', recording.file, recording.file.name);
  return new Promise((resolve, reject) => {
    // fetch cannot tell how much it has sent.
    const request = new XMLHttpRequest();
    request.open('POST', JOBS);
    request.setRequestHeader('Idempotency-Key', recording.key);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'));
    request.onload = () => {
      const { status, responseText } = request;
      if (status < 200 || status > 299) reject(problemOf(status, responseText));
      else resolve(JSON.parse(responseText) as Pick<Job, 'job_id'>);
    };
    signal.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}
