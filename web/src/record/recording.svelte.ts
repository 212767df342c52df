import { remember, remembered } from '../shell/memory';

const KEY = 'recording';
/** A page that has not been heard of for so long is gone. */
const SILENT_MS = 10_000;

type State = 'idle' | 'asking' | 'recording' | 'paused' | 'sending' | 'saved';

/** What every view knows of the recording that is being made; the rest is loaded when it is wanted. */
class Recording {
  state = $state<State>('idle');
  seconds = $state(0);
  /** The job that it became. */
  job = $state('');
  /** Whether an earlier page may have left a recording behind. */
  readonly left = remembered(KEY) !== null;

  start(): void {
    addEventListener('pagehide', () => remembered(KEY) !== null && this.state !== 'idle' && remember(KEY, '0'));
  }

  /** Whether another page records at this moment. */
  livesElsewhere(): boolean {
    return Date.now() - Number(remembered(KEY) ?? 0) < SILENT_MS;
  }

  /** Notes whether there is something that must not be lost. */
  note(something: boolean): void {
    const live = this.state !== 'idle' && this.state !== 'saved';
    remember(KEY, something || live ? String(live ? Date.now() : 0) : '');
  }
}

export const recording = new Recording();
