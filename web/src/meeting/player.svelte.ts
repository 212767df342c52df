import { untrack } from 'svelte';

/** Speeds that can be chosen. */
export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3] as const;

/** The time is looked at this often while it plays. */
const WORD_MS = 80;

/** The sound of one recording: its place, and what moves it. Times are seconds. */
export class Player {
  time = $state(0);
  /** Length as the sound file tells it; 0 while it is not known. */
  duration = $state(0);
  playing = $state(false);
  speed = $state(1);
  problem = $state<'broken' | 'unreachable' | undefined>();

  #sound: HTMLAudioElement | undefined;

  /** Takes the element that plays; for `{@attach}`. */
  readonly attach = (sound: HTMLAudioElement): (() => void) => {
    this.#sound = sound;
    // Untracked: an element that is attached anew would stop playing.
    sound.currentTime = untrack(() => this.time);
    return () => {
      sound.pause();
      this.#sound = undefined;
    };
  };

  readonly events = {
    ontimeupdate: () => this.#tell(),
    onseeked: () => this.#tell(),
    onplay: () => {
      this.playing = true;
      this.#flow();
    },
    onpause: () => (this.playing = false),
    onended: () => (this.playing = false),
    ondurationchange: () => (this.duration = this.#sound && isFinite(this.#sound.duration) ? this.#sound.duration : 0),
    onerror: () => {
      this.playing = false;
      this.problem = this.#sound?.error?.code === MediaError.MEDIA_ERR_NETWORK ? 'unreachable' : 'broken';
    },
  };

  #tell(): void {
    if (this.#sound && !this.#sound.seeking) this.time = this.#sound.currentTime;
  }

  /** The element tells its time four times a second; words are shorter than that. */
  #flow(): void {
    setTimeout(() => {
      this.#tell();
      if (this.playing) this.#flow();
    }, WORD_MS);
  }

  toggle(): void {
    // The element knows before its events have told.
    if (this.#sound?.paused ?? true) this.play();
    else this.#sound?.pause();
  }

  play(): void {
    // A refusal shows: the button stays as it was, and an unplayable file is told by `onerror`.
    void this.#sound?.play().catch(() => undefined);
  }

  /** Goes to a place; `play` says whether to play from there, else it stays as it is. */
  seek(seconds: number, play = false): void {
    const end = this.duration || Infinity;
    this.time = Math.min(Math.max(0, seconds), end);
    if (this.#sound) this.#sound.currentTime = this.time;
    if (play) this.play();
  }

  skip(seconds: number): void {
    this.seek(this.time + seconds);
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    if (!this.#sound) return;
    this.#sound.defaultPlaybackRate = speed;
    this.#sound.playbackRate = speed;
  }

  /** One step faster (1) or slower (−1). */
  stepSpeed(step: 1 | -1): void {
    const next = SPEEDS[SPEEDS.indexOf(this.speed as (typeof SPEEDS)[number]) + step];
    if (next !== undefined) this.setSpeed(next);
  }
}
