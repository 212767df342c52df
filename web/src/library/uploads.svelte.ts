import { Problem } from '../api/client';
import { beginUpload, endUpload, lookAtUpload, sendPiece } from '../api/tus';
import { i18n } from '../i18n/index.svelte';
import { explain } from '../shell/problem';
import * as browser from './interrupted';
import type { Wishes } from './interrupted';
import { library } from './library.svelte';
import { titleFrom } from './title';

/** Recordings sent at the same time; browsers open only six connections to one server. */
const AT_ONCE = 2;
/** Bytes of one request: proxies refuse what is too long. */
const PIECE = 32 * 1024 * 1024;
/** Times a broken upload is gone on with by itself without getting further, and the wait before the first of them. */
const TRIES = 5;
const WAIT_MS = 3_000;
const DONE_SHOWN_MS = 5_000;
/** Time between two notes of how far an upload is. */
const NOTE_MS = 3_000;

type State = 'waiting' | 'sending' | 'storing' | 'done' | 'lost' | 'failed' | 'interrupted';

/** One file on its way to the server. */
export class Upload {
  state = $state<State>('waiting');
  sent = $state(0);
  problem = $state('');
  /** The job that came of it. */
  job = $state('');
  /** Its name on the server, once it has one. */
  id = '';
  tries = 0;
  stop = new AbortController();
  #began = 0;
  #from = 0;
  #noted = 0;

  constructor(
    readonly name: string,
    readonly size: number,
    readonly changed: number,
    readonly title: string,
    readonly wishes: Wishes,
    /** None after a reload, until the same file is chosen again. */
    public file: File | undefined,
  ) {}

  /** Seconds until all is sent, at the speed so far. */
  get secondsLeft(): number | undefined {
    const [seconds, sent] = [(Date.now() - this.#began) / 1000, this.sent - this.#from];
    if (this.state !== 'sending' || seconds < 1 || sent <= 0) return undefined;
    return ((this.size - this.sent) * seconds) / sent;
  }

  /** Sends what the server does not have yet; gives the job. */
  async send(): Promise<string> {
    const { file } = this;
    if (!file || file.size === 0) throw new Problem(0, 'empty', i18n.t.uploads.empty);
    let at = await this.#find();
    Object.assign(this, { sent: at.offset });
    [this.#began, this.#from] = [Date.now(), at.offset];
    while (at.job === undefined) {
      const { offset } = at;
      const bytes = file.slice(offset, offset + PIECE);
      at = await sendPiece(this.id, { at: offset, bytes }, (sent) => this.#progress(offset + sent), this.stop.signal);
      this.tries = 0;
    }
    browser.forget(this.id);
    return at.job;
  }

  /** Where to go on; begins anew if the server does not know the upload. */
  async #find() {
    const known = this.id && (await lookAtUpload(this.id, this.stop.signal));
    if (known) return known;
    browser.forget(this.id);
    const { name, title, wishes } = this;
    this.id = await beginUpload({ filename: name, title, ...wishes }, this.size, this.stop.signal);
    this.#note();
    return { offset: 0, job: undefined };
  }

  #progress(sent: number): void {
    this.sent = Math.min(sent, this.size);
    if (sent >= this.size) this.state = 'storing';
    if (Date.now() - this.#noted > NOTE_MS) this.#note();
  }

  #note(): void {
    this.#noted = Date.now();
    const { id, name, size, changed, title, wishes, sent } = this;
    browser.note({ id, name, size, changed, title, wishes, sent, seen: this.#noted });
  }
}

/** All files on their way. They go on while the page shows something else. */
class Uploads {
  list = $state.raw<Upload[]>([]);
  active = $derived(this.list.some(({ state }) => ['waiting', 'sending', 'storing', 'lost'].includes(state)));

  start(): void {
    this.list = browser.interrupted().map((started) => {
      const { name, size, changed, title, wishes, id, sent } = started;
      return Object.assign(new Upload(name, size, changed, title, wishes, undefined), {
        state: 'interrupted',
        id,
        sent,
      } as const);
    });
    addEventListener('online', () => this.#resume());
    addEventListener('beforeunload', (event) => {
      if (this.active) event.preventDefault();
    });
    addEventListener('pagehide', () => browser.leave(this.list.map(({ id }) => id)));
  }

  /** Sends files. One whose upload was interrupted is gone on with. */
  add(files: Iterable<File>, options: { title: string; wishes: Wishes }): void {
    const chosen = [...files];
    const title = chosen.length === 1 ? options.title : '';
    for (const file of chosen) {
      const known = this.list.find((one) => one.state === 'interrupted' && browser.isSame(one, file));
      if (known) this.#again(Object.assign(known, { file }));
      else {
        const { name, size, lastModified } = file;
        const own = new Upload(name, size, lastModified, title || titleFrom(name), options.wishes, file);
        this.list = [...this.list, own];
      }
    }
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
    browser.forget(upload.id);
    if (upload.state !== 'done' && upload.id) void endUpload(upload.id);
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
    for (const upload of waiting.slice(0, Math.max(0, AT_ONCE - going))) void this.#send(upload);
  }

  async #send(item: Upload): Promise<void> {
    Object.assign(item, { state: 'sending', problem: '' });
    try {
      Object.assign(item, { job: await item.send(), state: 'done' });
      void library.refresh();
      setTimeout(() => this.remove(item), DONE_SHOWN_MS);
    } catch (error) {
      if (!item.stop.signal.aborted) this.#failed(item, error);
    }
    this.#next();
  }

  #failed(item: Upload, error: unknown): void {
    const lost = error instanceof Problem && error.mayPass && item.tries < TRIES;
    item.problem = lost ? i18n.t.uploads.lost : explain(error);
    item.state = lost ? 'lost' : 'failed';
    if (!lost) return;
    setTimeout(() => item.state === 'lost' && this.#again(item), WAIT_MS * 2 ** item.tries);
    item.tries += 1;
  }
}

export const uploads = new Uploads();
