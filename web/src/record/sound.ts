/** Where sound comes from, and how loud it is. */

/** Why nothing can be recorded; each is a text of the page. */
export type Obstacle = 'insecure' | 'denied' | 'missing' | 'busy' | 'unsupported' | 'silentTab' | 'full' | 'unknown';

export interface Wanted {
  /** Whether the microphone is listened to. */
  microphone: boolean;
  /** Whether the sound of a tab, a window or the system is. */
  tab: boolean;
}

/** Whisper was taught with noise around; what browsers do against noise also takes words away. */
const AS_IT_IS: MediaTrackConstraints = { noiseSuppression: false, autoGainControl: true, echoCancellation: true };

/** Media types that a browser may record, the best first. */
const TYPES = ['audio/webm;codecs=opus', 'audio/mp4;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'];

export class SoundError extends Error {
  constructor(readonly obstacle: Obstacle) {
    super(obstacle);
  }
}

export const canShareTabs = (): boolean =>
  typeof navigator.mediaDevices?.getDisplayMedia === 'function' && !/Android|iPhone|iPad/.test(navigator.userAgent);

/** What is in the way before anybody is asked. */
export function obstacle(): Obstacle | undefined {
  if (!isSecureContext) return 'insecure';
  if (!navigator.mediaDevices?.getUserMedia || typeof MediaRecorder === 'undefined') return 'unsupported';
  return undefined;
}

export const recordedType = (): string => TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? '';

const OBSTACLES: Record<string, Obstacle> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

const understood = (error: unknown): SoundError =>
  error instanceof SoundError ? error : new SoundError(OBSTACLES[(error as DOMException).name] ?? 'unknown');

/** Sound that is being listened to. */
export class Sound {
  #level: AnalyserNode;
  #samples: Float32Array<ArrayBuffer>;
  readonly stream: MediaStream;

  private constructor(
    private context: AudioContext,
    private sources: MediaStream[],
  ) {
    const mixed = context.createMediaStreamDestination();
    this.#level = context.createAnalyser();
    this.#samples = new Float32Array(this.#level.fftSize);
    for (const source of sources) {
      const node = context.createMediaStreamSource(source);
      node.connect(mixed);
      node.connect(this.#level);
    }
    this.stream = mixed.stream;
  }

  /** Asks for the sources that are wanted, and mixes them. */
  static async open({ microphone, tab }: Wanted): Promise<Sound> {
    const found = obstacle();
    if (found) throw new SoundError(found);
    const sources: MediaStream[] = [];
    try {
      // The tab first: browsers ask for it only right after a click.
      if (tab) sources.push(await ofTab());
      if (microphone) sources.push(await navigator.mediaDevices.getUserMedia({ audio: AS_IT_IS }));
      const context = new AudioContext();
      await context.resume();
      return new Sound(context, sources);
    } catch (error) {
      for (const track of sources.flatMap((source) => source.getTracks())) track.stop();
      throw understood(error);
    }
  }

  /** Calls back when every source has ended by itself: unplugged, or no longer shared. */
  onended(told: () => void): void {
    const tracks = this.sources.flatMap((source) => source.getAudioTracks());
    for (const track of tracks) {
      track.onended = () => tracks.every(({ readyState }) => readyState === 'ended') && told();
    }
  }

  /** How loud it is at this moment, from 0 to 1, as ears count: 0 is 60 dB below the loudest. */
  level(): number {
    this.#level.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    return Math.min(1, Math.max(0, 1 + (10 * Math.log10(power + 1e-12)) / 60));
  }

  close(): void {
    for (const track of this.sources.flatMap((source) => source.getTracks())) track.stop();
    void this.context.close();
  }
}

async function ofTab(): Promise<MediaStream> {
  // No browser shares sound without a picture; the picture is let go at once.
  const shared = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: true });
  if (shared.getAudioTracks().length === 0) {
    for (const track of shared.getTracks()) track.stop();
    throw new SoundError('silentTab');
  }
  return shared;
}
