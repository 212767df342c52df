import { i18n } from '../i18n/index.svelte';
import { dateAndTime } from '../format/time';
import { library } from '../library/library.svelte';
import { uploadOptions } from '../library/options.svelte';
import * as chunks from './chunks';
import { recording } from './recording.svelte';
import { Sender } from './sender.svelte';
import { recordedType, Sound, SoundError, type Obstacle, type Wanted } from './sound';

/** Time between two chunks: what a crash costs at most. */
const CHUNK_MS = 2_000;
/** Speech needs no more. */
const BITS_PER_SECOND = 64_000;
const LOOK_MS = 100;
/** Time between two signs of life for other pages. */
const NOTE_MS = 2_000;

/** Records, keeps and sends. It goes on while the page shows something else. */
class Recorder {
  /** From 0 to 1. */
  level = $state(0);
  obstacle = $state<Obstacle | undefined>();
  sender = $state.raw<Sender | undefined>();
  title = $state('');
  /** Recordings that an earlier page left behind. */
  found = $state.raw<Sender[]>([]);
  #kept: chunks.Kept | undefined;
  #sound: Sound | undefined;
  #media: MediaRecorder | undefined;
  #writing: Promise<unknown> = Promise.resolve();
  #since = 0;
  #noted = 0;
  #looking: ReturnType<typeof setInterval> | undefined;
  #awake: WakeLockSentinel | undefined;

  constructor() {
    addEventListener('beforeunload', (event) => {
      if (recording.state !== 'idle' && recording.state !== 'saved') event.preventDefault();
    });
  }

  /** Looks for what an earlier page left behind. */
  async recover(): Promise<void> {
    if (recording.state !== 'idle' || this.found.length > 0 || recording.livesElsewhere()) return;
    const left = await chunks.all();
    this.found = left.filter(({ bytes }) => bytes > 0).map((kept) => new Sender(kept, () => this.#settle(kept.id)));
    for (const { id } of left.filter(({ bytes }) => bytes === 0)) await chunks.drop(id);
    recording.note(this.found.length > 0);
    // What was ended already only has to be sent.
    for (const sender of this.found) if (sender.kept.whole) sender.wake();
  }

  /** Makes a recording of what was left behind. */
  async save(sender: Sender): Promise<void> {
    sender.kept.whole = true;
    await chunks.save(sender.kept);
    sender.wake();
  }

  async discard(sender: Sender): Promise<void> {
    await sender.abandon();
    this.#settle(sender.kept.id);
  }

  async start(wanted: Wanted): Promise<void> {
    this.obstacle = undefined;
    recording.state = 'asking';
    try {
      this.#sound = await Sound.open(wanted);
      await this.#begin(this.#sound);
    } catch (error) {
      this.#sound?.close();
      this.obstacle = error instanceof SoundError ? error.obstacle : 'unknown';
      recording.state = 'idle';
    }
  }

  async #begin(sound: Sound): Promise<void> {
    const media = new MediaRecorder(sound.stream, { mimeType: recordedType(), audioBitsPerSecond: BITS_PER_SECOND });
    const began = Date.now();
    this.title = i18n.t.record.name(dateAndTime(began, i18n.locale));
    const kept: chunks.Kept = {
      id: `${began}-${Math.random().toString(36).slice(2)}`,
      title: this.title,
      wishes: uploadOptions.wishes,
      type: media.mimeType,
      began,
      seconds: 0,
      bytes: 0,
      sentTitle: '',
      upload: '',
      whole: false,
    };
    await chunks.save(kept);
    const sender = new Sender(kept, (job) => this.#saved(job));
    Object.assign(this, { sender });
    [this.#kept, this.#media] = [kept, media];
    media.ondataavailable = ({ data }) => this.#add(kept, data, sender);
    media.onstop = () => this.#ended(kept, sender);
    media.onerror = () => this.stop();
    sound.onended(() => this.stop());
    media.start(CHUNK_MS);
    Object.assign(recording, { state: 'recording', seconds: 0 });
    this.#since = performance.now();
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
    recording.note(true);
    this.#awake = await navigator.wakeLock?.request('screen').catch(() => undefined);
  }

  pause(): void {
    this.#look();
    this.#media?.pause();
    Object.assign(recording, { state: 'paused' });
    this.level = 0;
  }

  goOn(): void {
    this.#since = performance.now();
    this.#media?.resume();
    recording.state = 'recording';
  }

  /** Ends the recording; what is not sent yet is sent. */
  stop(): void {
    if (this.#media?.state === 'inactive' || !this.#media) return;
    this.#look();
    recording.state = 'sending';
    this.#media.stop();
  }

  /** Throws the recording away. */
  async abandon(): Promise<void> {
    const { sender } = this;
    if (this.#media) this.#media.onstop = null;
    this.#media?.stop();
    this.#silence();
    await this.#writing;
    await sender?.abandon();
    this.#settle(this.#kept?.id ?? '');
    this.reset();
  }

  rename(title: string): void {
    this.title = title;
    if (!this.#kept || title.trim() === '') return;
    this.#kept.title = title.trim();
  }

  /** Makes ready for another one. */
  reset(): void {
    Object.assign(this, { sender: undefined, title: '', level: 0, obstacle: undefined });
    Object.assign(recording, { state: 'idle', seconds: 0 });
  }

  #look(): void {
    const now = performance.now();
    if (now - this.#noted > NOTE_MS) {
      this.#noted = now;
      recording.note(true);
    }
    if (recording.state !== 'recording') return;
    recording.seconds += (now - this.#since) / 1000;
    this.#since = now;
    this.level = this.#sound?.level() ?? 0;
  }

  /** Chunks are kept one after the other, each before it is sent. */
  #add(kept: chunks.Kept, data: Blob, sender: Sender): void {
    if (data.size === 0) return;
    const { seconds } = recording;
    this.#writing = this.#writing.then(async () => {
      // After a chunk that could not be kept, another one would leave a hole.
      if (this.obstacle) return;
      try {
        await chunks.add(kept, await data.arrayBuffer(), seconds);
        sender.wake();
      } catch {
        this.obstacle = 'full';
        this.stop();
      }
    });
  }

  #ended(kept: chunks.Kept, sender: Sender): void {
    this.#silence();
    void this.#writing.then(async () => {
      kept.whole = true;
      // Where the browser has no room, the page still knows it.
      await chunks.save(kept).catch(() => undefined);
      sender.wake();
    });
  }

  #silence(): void {
    clearInterval(this.#looking);
    this.level = 0;
    this.#sound?.close();
    void this.#awake?.release();
  }

  #saved(job: string): void {
    Object.assign(recording, { state: 'saved', job });
    this.#settle(this.#kept?.id ?? '');
    void library.refresh();
  }

  #settle(id: string): void {
    this.found = this.found.filter(({ kept }) => kept.id !== id);
    recording.note(this.found.length > 0);
    void library.refresh();
  }
}

export const recorder = new Recorder();
