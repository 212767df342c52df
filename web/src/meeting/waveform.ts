import type { Segment, Waveform } from '../api/types';

/** One bar of a drawn waveform. */
export interface Bar {
  /** 0 (silence) to 1 (the loudest of the recording). */
  height: number;
  /** Place of its speaker among the recording's; −1 where nobody is known to speak. */
  speaker: number;
}

/** The speakers of a transcript, in the order in which they come. */
export const speakersOf = (segments: readonly Segment[]): string[] => [
  ...new Set(segments.flatMap(({ speaker }) => (speaker === undefined ? [] : [speaker]))),
];

/** A waveform as so many bars of the same length of time, each the loudest of its peaks. `length`: seconds. */
export function bars(waveform: Waveform, length: number, count: number, segments: readonly Segment[]): Bar[] {
  const { peaks, seconds_per_peak: each } = waveform;
  const loudest = peaks.reduce((most, peak) => Math.max(most, peak), 1);
  const names = speakersOf(segments);
  const seconds = length / count;
  let segment = 0;
  return Array.from({ length: count }, (_, at) => {
    const from = Math.floor((at * seconds) / each);
    const to = Math.max(from + 1, Math.ceil(((at + 1) * seconds) / each));
    const middle = (at + 0.5) * seconds;
    while (segment < segments.length && (segments[segment]?.end ?? 0) < middle) segment += 1;
    const said = segments[segment];
    const speaker = said && said.start <= middle && said.speaker !== undefined ? names.indexOf(said.speaker) : -1;
    return { height: peaks.slice(from, to).reduce((most, peak) => Math.max(most, peak), 0) / loudest, speaker };
  });
}
