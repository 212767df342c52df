import type { Chapter, Segment } from '../api/types';

/** Place of the segment that is being said at a time (seconds): the last that has begun; −1 before the first. */
export function segmentAt(segments: readonly Segment[], seconds: number): number {
  let [low, high] = [0, segments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    // A seek may land a little before the begin that it was told.
    if ((segments[middle]?.start ?? Infinity) <= seconds + 0.02) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A run of segments that bears a statement out. */
export interface Moment {
  /** Begin in seconds. */
  start: number;
  /** Numbers of its segments. */
  numbers: number[];
  /** What is said in it. */
  quote: string;
}

/** The moments a statement rests on. Segments that follow one another are one moment; unknown numbers are left out. */
export function momentsOf(numbers: readonly number[], segments: readonly Segment[]): Moment[] {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const moments: Moment[] = [];
  for (const number of sorted) {
    const segment = byNumber(segments, number);
    if (!segment) continue;
    const last = moments.at(-1);
    if (last && last.numbers.at(-1) === number - 1) {
      last.numbers.push(number);
      last.quote += ` ${segment.text}`;
    } else {
      moments.push({ start: segment.start, numbers: [number], quote: segment.text });
    }
  }
  return moments;
}

/** A segment by its number; numbers run from 1 without gaps, but the list may still be arriving. */
export function byNumber(segments: readonly Segment[], number: number): Segment | undefined {
  const likely = segments[number - 1];
  return likely?.segment_number === number ? likely : segments.find((other) => other.segment_number === number);
}

/** Puts new segments among those that are there, by number; a number that is there already is replaced. */
export function withSegments(segments: readonly Segment[], fresh: readonly Segment[]): Segment[] {
  const merged = new Map(segments.map((segment) => [segment.segment_number, segment]));
  for (const segment of fresh) merged.set(segment.segment_number, segment);
  return [...merged.values()].sort((a, b) => a.segment_number - b.segment_number);
}

/** The chapter that a time lies in. */
export const chapterAt = (chapters: readonly Chapter[], seconds: number): Chapter | undefined =>
  chapters.findLast((chapter) => chapter.start <= seconds + 0.02);
