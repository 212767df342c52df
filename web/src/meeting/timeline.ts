import type { Chapter, Segment, TranscriptEdited } from '../api/types';

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
  const cited = new Set(numbers.flatMap((number) => byNumber(segments, number) ?? []));
  const moments: Moment[] = [];
  let before = -2;
  for (const segment of [...cited].sort((a, b) => a.start - b.start)) {
    const place = placeOf(segments, segment);
    const last = moments.at(-1);
    if (last && before === place - 1) {
      last.numbers.push(segment.segment_number);
      last.quote += ` ${segment.text}`;
    } else {
      moments.push({ start: segment.start, numbers: [segment.segment_number], quote: segment.text });
    }
    before = place;
  }
  return moments;
}

/** Place of a segment in the list; unedited, its number tells it. */
function placeOf(segments: readonly Segment[], segment: Segment): number {
  const likely = segment.segment_number - 1;
  return segments[likely] === segment ? likely : segments.indexOf(segment);
}

/** A segment by its number, or by that of one that was merged into it. Unedited, numbers run from 1 without gaps. */
export function byNumber(segments: readonly Segment[], number: number): Segment | undefined {
  const likely = segments[number - 1];
  if (likely?.segment_number === number) return likely;
  return segments.find(({ segment_number, merged }) => segment_number === number || merged?.includes(number));
}

/** Puts new segments among those that are there, in the order of time; a number that is there already is replaced. */
export function withSegments(segments: readonly Segment[], fresh: readonly Segment[]): Segment[] {
  const merged = new Map(segments.map((segment) => [segment.segment_number, segment]));
  for (const segment of fresh) merged.set(segment.segment_number, segment);
  return [...merged.values()].sort((a, b) => a.start - b.start || a.segment_number - b.segment_number);
}

/** The segments after an edit. */
export function withEdit(segments: readonly Segment[], { removed, segments: fresh }: TranscriptEdited): Segment[] {
  const gone = new Set(removed);
  return withSegments(
    segments.filter(({ segment_number }) => !gone.has(segment_number)),
    fresh,
  );
}

/** What was recognised while a segment is said: the text as it was before anybody edited it. */
export const originalOf = (segment: Segment, original: readonly Segment[]): string =>
  original
    .filter(({ start, end }) => Math.min(end, segment.end) - Math.max(start, segment.start) > 0)
    .map(({ text }) => text)
    .join(' ');

/** The chapter that a time lies in. */
export const chapterAt = (chapters: readonly Chapter[], seconds: number): Chapter | undefined =>
  chapters.findLast((chapter) => chapter.start <= seconds + 0.02);
