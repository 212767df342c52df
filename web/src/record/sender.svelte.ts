import { Problem, renameJob } from '../api/client';
import { beginUpload, endUpload, lookAtUpload, sendPiece, type Standing } from '../api/tus';
import { explain } from '../shell/problem';
import * as chunks from './chunks';

/** Wait before the first new try after a failure, and the longest. */
const WAIT_MS = 2_000;
const LONGEST_MS = 30_000;

/** Sends what is kept of a recording, while it is being made and after, until it is a job on the server. */
export class Sender {
  /** Bytes that the server has. */
  sent = $state(0);
  /** What is in the way at the moment. */
  problem = $state('');
  /** The job that it became. */
  job = $state('');
  #going = false;
  #again = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop = new AbortController();
  #standing: Standing | undefined;

  constructor(
    readonly kept: chunks.Kept,
    private ondone: (job: string) => void,
  ) {
    addEventListener('online', this.wake);
  }

  /** Something new is there to send, or a new try is wanted. */
  wake = (): void => {
    clearTimeout(this.#timer);
    if (this.#going) this.#again = true;
    else if (!this.job && !this.#stop.signal.aborted) void this.#run();
  };

  /** Gives the recording up, here and on the server. */
  async abandon(): Promise<void> {
    this.#close();
    if (this.kept.upload) await endUpload(this.kept.upload);
    await chunks.drop(this.kept.id);
  }

  async #run(): Promise<void> {
    this.#going = true;
    do {
      this.#again = false;
      try {
        await this.#step();
        Object.assign(this, { problem: '' });
        this.#failures = 0;
      } catch (error) {
        if (!this.#stop.signal.aborted) this.#failed(error);
      }
    } while (this.#again && this.problem === '' && !this.job);
    this.#going = false;
  }

  /** Sends all that is there. */
  async #step(): Promise<void> {
    const { kept } = this;
    const { signal } = this.#stop;
    let at = (this.#standing ??= await this.#find());
    const size = kept.whole ? { size: kept.bytes } : {};
    if (at.job === undefined && (kept.bytes > at.offset || kept.whole)) {
      const bytes = await chunks.read(kept, at.offset);
      const piece = { at: at.offset, bytes, ...size };
      at = await sendPiece(kept.upload, piece, (sent) => (this.sent = piece.at + sent), signal);
      this.#standing = at;
    }
    this.sent = at.offset;
    if (at.job !== undefined) await this.#finish(at.job);
  }

  /** Where to go on; begins anew if the server does not know the upload (any more). */
  async #find(): Promise<Standing> {
    const { kept } = this;
    const known = kept.upload && (await lookAtUpload(kept.upload, this.#stop.signal));
    if (known && known.offset <= kept.bytes) return known;
    kept.sentTitle = kept.title;
    const filename = `${kept.title}.${kept.type.includes('mp4') ? 'm4a' : kept.type.includes('ogg') ? 'ogg' : 'webm'}`;
    const fields = { filename, title: kept.title, ...kept.wishes };
    kept.upload = await beginUpload(fields, undefined, this.#stop.signal);
    await chunks.save(kept).catch(() => undefined);
    return { offset: 0, job: undefined };
  }

  async #finish(job: string): Promise<void> {
    const { kept } = this;
    if (kept.title !== kept.sentTitle) await renameJob(job, kept.title);
    await chunks.drop(kept.id);
    this.job = job;
    this.#close();
    this.ondone(job);
  }

  #failed(error: unknown): void {
    // Perhaps it arrived all the same: the server knows.
    this.#standing = undefined;
    this.problem = explain(error);
    const wait = Math.min(LONGEST_MS, WAIT_MS * 2 ** this.#failures);
    this.#failures += 1;
    if (!(error instanceof Problem) || error.mayPass || error.status === 404) this.#timer = setTimeout(this.wake, wait);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#stop.abort();
    removeEventListener('online', this.wake);
  }
}
