import {
  askForMinutes,
  chooseMinutes,
  editTranscript,
  eventsUrl,
  getOriginal,
  getResult,
  getVersions,
  getWaveform,
  Problem,
  type Edit,
} from '../api/client';
import {
  isDeletion,
  isFinal,
  type Failure,
  type Job,
  type JobEvent,
  type Minutes,
  type Segment,
  type SummaryOptions,
  type TranscriptEdited,
  type Waveform,
} from '../api/types';
import { watch, type Connection } from '../api/watch';
import { library } from '../library/library.svelte';
import { byNumber, withEdit, withSegments } from './timeline';

const RETRY_MS = 3_000;
/** New text is put into the page this often at most, however fast it comes. */
const BATCH_MS = 100;
/** New text is read out this often at most: a screen reader needs time for it. */
const NEWS_MS = 3_000;
/** A page that nobody sees gives its connection back after this time. */
const HIDDEN_MS = 30_000;
/** An edit that was made and of which no event has told after this time is looked for. */
const TOLD_MS = 2_000;

/** One recording with its text and minutes, kept up to date while it is worked on. */
export class Meeting {
  job = $state.raw<Job | undefined>();
  segments = $state.raw<Segment[]>([]);
  /** All versions of the minutes, the newest first. */
  versions = $state.raw<Minutes[]>([]);
  /** The version that this reader looks at; none: the one that is shown to everybody. */
  wanted = $state<number | undefined>();
  /** What is being written, as far as it came. */
  draft = $state('');
  /** Why the last version that was asked for is not there. */
  setback = $state.raw<Failure | undefined>();
  connection = $state<Connection>('connecting');
  problem = $state.raw<Problem | undefined>();
  loaded = $state(false);
  /** The newest text that came while the page was open, for those who hear it. */
  news = $state('');
  waveform = $state.raw<Waveform | undefined>();
  /** The segments as they were recognised, with their words; empty until they are here. */
  original = $state.raw<Segment[]>([]);

  running = $derived(!!this.job && !isFinal(this.job.status));
  /** The minutes on the page. */
  minutes = $derived(this.#version(this.wanted) ?? this.#version(this.job?.current_summary) ?? this.versions[0]);
  /** Whether the text is whole, so that it may be edited. */
  editable = $derived(this.loaded && (this.job?.status === 'COMPLETED' || this.job?.status === 'TRANSCRIBED'));

  #part = 0;
  #life = new AbortController();
  #stream = new AbortController();
  #streaming = false;
  #fresh: Segment[] = [];
  #flushing: ReturnType<typeof setTimeout> | undefined;
  #unheard: string[] = [];
  #speaking: ReturnType<typeof setTimeout> | undefined;
  #reloads = 0;
  /** Number of the newest event that was told. */
  #told = 0;
  /** Edits are sent one after the other, each on what the one before came to. */
  #edits: Promise<unknown> = Promise.resolve();
  #hidden: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly id: string) {
    this.job = library.find(id);
  }

  /** Loads all and goes on watching; the function that it gives ends that. */
  open(): () => void {
    const seen = () => this.#seen();
    document.addEventListener('visibilitychange', seen);
    void this.#load();
    return () => {
      document.removeEventListener('visibilitychange', seen);
      clearTimeout(this.#hidden);
      clearTimeout(this.#flushing);
      clearTimeout(this.#speaking);
      this.#life.abort();
      this.#stream.abort();
    };
  }

  #version(number: number | null | undefined): Minutes | undefined {
    return this.versions.find(({ version }) => version === number);
  }

  /** Has another version of the minutes written. */
  async ask(wishes: SummaryOptions): Promise<void> {
    this.setback = undefined;
    this.put(await askForMinutes(this.id, wishes));
  }

  /** Makes a version the one that everybody is shown. */
  async choose(version: number): Promise<void> {
    await chooseMinutes(this.id, version);
    this.wanted = undefined;
    if (this.job) this.job = { ...this.job, current_summary: version };
  }

  /** Shows a job as it is now, and watches it if it has been set going again. */
  put(job: Job): void {
    this.job = job;
    library.put(job);
    if (!isFinal(job.status) && !this.#streaming) void this.#load();
  }

  /**
   * Makes an edit. If somebody else has edited the text meanwhile, but not the segment of this edit, it is made again
   * on what the text is now.
   */
  edit(edit: Edit): Promise<void> {
    const made = this.#edits.then(() => this.#edit(edit));
    this.#edits = made.catch(() => undefined);
    return made;
  }

  async #edit(edit: Edit, again = true): Promise<void> {
    const of = () => JSON.stringify('number' in edit ? byNumber(this.segments, edit.number) : undefined);
    const before = of();
    try {
      const { transcript_revision: revision } = await editTranscript(this.id, this.#revision, edit);
      await this.#until(revision);
    } catch (error) {
      if (!again || !(error instanceof Problem) || error.code !== 'stale_revision') throw error;
      await this.#reload();
      if (!('number' in edit) || of() !== before) throw error;
      await this.#edit(edit, false);
    }
  }

  get #revision(): number {
    return this.job?.transcript_revision ?? 0;
  }

  /** Waits until the text is at a revision: an event tells, or else the server is asked. */
  async #until(revision: number): Promise<void> {
    const end = Date.now() + TOLD_MS;
    while (this.#revision !== revision && this.connection === 'live' && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (this.#revision !== revision) await this.#reload();
  }

  async #load(): Promise<void> {
    const { signal } = this.#life;
    try {
      const { segments, structured_summary: minutes, ...job } = await getResult(this.id, signal);
      this.job = job;
      this.draft = '';
      this.segments = segments;
      this.versions = minutes ? [minutes] : [];
      this.loaded = true;
      this.problem = undefined;
      this.#told = job.last_event;
      this.#watch(job.last_event);
      void this.#loadWaveform();
      void this.#loadOriginal();
      if (minutes) await this.#loadVersions();
    } catch (error) {
      if (signal.aborted || !(error instanceof Problem)) return;
      this.problem = error;
      if (error.status !== 404) setTimeout(() => !signal.aborted && void this.#load(), RETRY_MS);
    }
  }

  async #loadVersions(): Promise<void> {
    const versions = await getVersions(this.id, this.#life.signal).catch(() => []);
    if (versions.length > 1) this.versions = versions;
  }

  async #loadWaveform(): Promise<void> {
    if (!this.job?.has_peaks || this.waveform) return;
    // Without it, the player is as it is for recordings that have none.
    this.waveform = await getWaveform(this.id, this.#life.signal).catch(() => undefined);
  }

  /** Loads the words, which are many, once the text is whole. */
  async #loadOriginal(): Promise<void> {
    const whole = this.editable || (this.job && isFinal(this.job.status));
    if (!whole) this.original = [];
    else if (this.original.length === 0 && this.segments.length > 0) {
      // Without them, segments are heard as a whole.
      this.original = await getOriginal(this.id, this.#life.signal).catch(() => []);
    }
  }

  #watch(since: number): void {
    if (this.#streaming) return;
    this.#streaming = true;
    this.#stream = new AbortController();
    const { signal } = this.#stream;
    const onConnection = (state: Connection) => (this.connection = state);
    const onEvent = (event: JobEvent, seq: number | undefined) => {
      this.#told = seq ?? this.#told;
      this.#take(event);
    };
    const watching = watch({ url: eventsUrl(this.id), since, stays: true, onEvent, onConnection, signal });
    void watching.finally(() => {
      this.#streaming = false;
      if (!signal.aborted) void this.#reload();
    });
  }

  #take(event: JobEvent): void {
    if (!this.job) return;
    if (event.type === 'transcript_segment') {
      this.#fresh.push(event);
      this.#flushing ??= setTimeout(() => this.#flush(), BATCH_MS);
    } else if (event.type === 'transcript_edited') {
      this.#takeEdit(event);
    } else if (event.type === 'progress') {
      this.job = { ...this.job, progress: event };
    } else if (event.type === 'status') {
      this.job = { ...this.job, status: event.status };
      void this.#reload();
    } else if (event.type === 'summary_delta') {
      this.#read(event);
    } else if (event.type === 'final_summary') {
      this.job = { ...this.job, status: event.status, current_summary: event.summary.version };
      this.wanted = undefined;
      this.draft = '';
      this.versions = [event.summary, ...this.versions.filter(({ version }) => version !== event.summary.version)];
      void this.#reload();
    } else if (event.type === 'summary_chosen') {
      this.job = { ...this.job, current_summary: event.version };
      if (!this.versions.some(({ version }) => version === event.version)) void this.#loadVersions();
    } else if (event.type === 'error') {
      const { code, message, status } = event;
      this.draft = '';
      // Minutes that were there stay, whatever becomes of another version.
      if (this.versions.length > 0) this.setback = { code, message };
      const failure = this.versions.length > 0 ? null : { code, message };
      this.job = { ...this.job, status, failure };
      if (!isDeletion(event)) void this.#reload();
    }
  }

  /** Adds to what is being written; of what began before the page came, the beginning is missing. */
  #read({ part, at, text }: { part: number; at: number; text: string }): void {
    const goesOn = part === this.#part && this.draft !== '';
    this.#part = part;
    this.draft = goesOn ? this.draft + text : at > 0 ? `… ${text}` : text;
  }

  #takeEdit(event: TranscriptEdited): void {
    if (this.#fresh.length > 0) this.#flush();
    this.segments = withEdit(this.segments, event);
    if (this.job) this.job = { ...this.job, transcript_revision: event.transcript_revision };
  }

  #flush(): void {
    this.#flushing = undefined;
    // Language and length are known with the first text.
    if (this.segments.length === 0) void this.#reload();
    this.#unheard.push(...this.#fresh.map(({ text }) => text));
    this.#speaking ??= setTimeout(() => this.#speak(), NEWS_MS);
    this.segments = withSegments(this.segments, this.#fresh);
    this.#fresh = [];
  }

  #speak(): void {
    this.#speaking = undefined;
    this.news = this.#unheard.join(' ');
    this.#unheard = [];
  }

  /** Fetches what no event tells: language, length, model. */
  async #reload(): Promise<void> {
    const turn = ++this.#reloads;
    const before = this.job?.progress;
    try {
      const { segments, structured_summary: _, ...job } = await getResult(this.id, this.#life.signal);
      if (turn !== this.#reloads) return;
      // What events told meanwhile is newer than an answer that was on its way.
      if (job.last_event >= this.#told) this.segments = segments;
      else if (this.job) {
        const { status, progress, failure, current_summary, transcript_revision } = this.job;
        Object.assign(job, { status, progress, failure, current_summary, transcript_revision });
      }
      // Progress is told without a number.
      if (this.job && this.job.progress !== before) job.progress = this.job.progress;
      this.job = job;
      library.put(job);
      void this.#loadWaveform();
      void this.#loadOriginal();
    } catch (error) {
      if (error instanceof Problem && error.status === 404) this.problem = error;
    }
  }

  #seen(): void {
    clearTimeout(this.#hidden);
    if (document.visibilityState === 'hidden') {
      this.#hidden = setTimeout(() => this.#stream.abort(), HIDDEN_MS);
    } else if (this.job && this.loaded && !this.#streaming) {
      void this.#load();
    }
  }
}
