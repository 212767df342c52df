import { Problem } from '../api/client';
import { upload } from '../api/upload';
import { i18n } from '../i18n/index.svelte';
import { explain } from '../shell/problem';
import { library } from './library.svelte';
import { titleFrom } from './title';

/** Recordings sent at the same time; browsers open only six connections to one server. */
const AT_ONCE = 2;
/** Times a broken upload is sent again by itself, and the wait before the first of them. */
const TRIES = 5;
const WAIT_MS = 3_000;
const DONE_SHOWN_MS = 5_000;

type State = 'waiting' | 'sending' | 'storing' | 'done' | 'lost' | 'failed';

/** One file on its way to the server. */
export class Upload {
  /** `crypto.randomUUID` is missing where the page comes over plain http from another machine. */
  readonly key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  state = $state<State>('waiting');
  sent = $state(0);
  problem = $state('');
  /** The job that came of it. */
  job = $state('');
  began = 0;
  tries = 0;
  stop = new AbortController();

  constructor(
    readonly file: File,
    readonly title: string,
    readonly language: string,
  ) {}

  /** Seconds until all is sent, at the speed so far. */
  get secondsLeft(): number | undefined {
    const seconds = (Date.now() - this.began) / 1000;
    if (this.state !== 'sending' || seconds < 1 || this.sent === 0) return undefined;
    return ((this.file.size - this.sent) * seconds) / this.sent;
  }
}

/** All files on their way. They go on while the page shows something else. */
class Uploads {
  list = $state.raw<Upload[]>([]);
  active = $derived(this.list.some(({ state }) => ['waiting', 'sending', 'storing', 'lost'].includes(state)));

  start(): void {
    addEventListener('online', () => this.#resume());
    addEventListener('beforeunload', (event) => {
      if (this.active) event.preventDefault();
    });
  }

  add(files: Iterable<File>, options: { title: string; language: string }): void {
    const chosen = [...files];
    const title = chosen.length === 1 ? options.title : '';
    const started = chosen.map((file) => new Upload(file, title || titleFrom(file.name), options.language));
    this.list = [...this.list, ...started];
    this.#next();
  }

  retry(upload: Upload): void {
    upload.tries = 0;
    this.#again(upload);
  }

  /** Stops an upload, or takes a finished one off the list. */
  remove(upload: Upload): void {
    upload.stop.abort();
    this.list = this.list.filter((other) => other !== upload);
    this.#next();
  }

  #again(upload: Upload): void {
    if (!this.list.includes(upload)) return;
    upload.state = 'waiting';
    this.#next();
  }

  #resume(): void {
    for (const upload of this.list) if (upload.state === 'lost') this.#again(upload);
  }

  #next(): void {
    const going = this.list.filter(({ state }) => state === 'sending' || state === 'storing').length;
    const waiting = this.list.filter(({ state }) => state === 'waiting');
    for (const upload of waiting.slice(0, AT_ONCE - going)) void this.#send(upload);
  }

  async #send(item: Upload): Promise<void> {
    Object.assign(item, { state: 'sending', sent: 0, began: Date.now(), problem: '' });
    try {
      if (item.file.size === 0) throw new Problem(0, 'empty', i18n.t.uploads.empty);
      const { job_id } = await upload(item, (sent) => this.#progress(item, sent), item.stop.signal);
      Object.assign(item, { state: 'done', job: job_id });
      void library.refresh();
      setTimeout(() => this.remove(item), DONE_SHOWN_MS);
    } catch (error) {
      if (!item.stop.signal.aborted) this.#failed(item, error);
    }
    this.#next();
  }

  #progress(item: Upload, sent: number): void {
    item.sent = Math.min(sent, item.file.size);
    if (sent >= item.file.size) item.state = 'storing';
  }

  #failed(item: Upload, error: unknown): void {
    const lost = error instanceof Problem && error.code === 'unreachable';
    item.problem = lost && item.tries < TRIES ? i18n.t.uploads.lost : explain(error);
    item.state = lost && item.tries < TRIES ? 'lost' : 'failed';
    if (item.state !== 'lost') return;
    setTimeout(() => item.state === 'lost' && this.#again(item), WAIT_MS * 2 ** item.tries);
    item.tries += 1;
  }
}

export const uploads = new Uploads();

/** What is asked for with the next files. */
class UploadOptions {
  language = $state('');
  title = $state('');
}

export const uploadOptions = new UploadOptions();
