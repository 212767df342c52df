import type { Segment, Word } from '../api/types';
import type { Piece } from './find';
import { segmentAt } from './timeline';

/** A piece of a segment's text, and when it is said. */
export interface Spoken {
  text: string;
  /** Seconds; none: nobody knows, or it is only a space. */
  start?: number;
  end?: number;
  /** How sure the speech model is of it, from 0 to 1. */
  probability?: number;
}

/** Letters that a person may have written between two words that were recognised. */
const WRITTEN = 32;
/** Seconds by which a word may lie outside of its segment, because both were rounded. */
const SLACK = 0.05;

/** The words of a recording as they were recognised. */
export class Recognised {
  #bySegment: Map<number, Word[]>;
  #byTime: Word[];

  constructor(original: readonly Segment[]) {
    this.#bySegment = new Map(original.map(({ segment_number, words }) => [segment_number, words ?? []]));
    this.#byTime = [...this.#bySegment.values()].flat().sort((a, b) => a.start - b.start);
  }

  /** Those of a segment. One that came of a split is known by its time alone, in which others may speak, too. */
  of({ segment_number, merged = [], start, end }: Segment): Word[] {
    const own = [segment_number, ...merged].map((number) => this.#bySegment.get(number));
    if (own.includes(undefined)) return this.#during(start, end);
    return own.flatMap((words) => words ?? []).filter((word) => word.start > start - SLACK && word.start < end);
  }

  #during(start: number, end: number): Word[] {
    let [low, high] = [0, this.#byTime.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#byTime[middle]?.start ?? 0) < start - SLACK) low = middle + 1;
      else high = middle;
    }
    let last = low;
    while ((this.#byTime[last]?.start ?? Infinity) < end) last += 1;
    return this.#byTime.slice(low, last);
  }
}

/**
 * Cuts a segment's text into what was recognised while it is said. Words that a person wrote have the time between
 * those around them, so that edited, split and merged segments are heard word by word, too.
 */
export function spokenOf(segment: Segment, recognised: Recognised): Spoken[] {
  const { text, start, end } = segment;
  const spoken: Spoken[] = [];
  let [at, time] = [0, start];
  const between = (to: number, until: number) => {
    if (to > at) spoken.push(...written(text.slice(at, to), time, until));
  };
  for (const word of recognised.of(segment)) {
    const place = text.indexOf(word.word, at);
    if (word.word === '' || place < 0 || place - at > WRITTEN) continue;
    between(place, word.start);
    spoken.push({ text: word.word, start: word.start, end: word.end, probability: word.probability });
    [at, time] = [place + word.word.length, word.end];
  }
  if (spoken.length === 0) return [{ text }];
  between(text.length, end);
  return spoken;
}

/** What stands between words: spaces, and what a person wrote there. */
function written(text: string, start: number, end: number): Spoken[] {
  const [, before = '', words = '', after = ''] = /^(\s*)(.*?)(\s*)$/su.exec(text) ?? [];
  const middle: Spoken = /[\p{L}\p{N}]/u.test(words) ? { text: words, start, end } : { text: words };
  return [{ text: before }, middle, { text: after }].filter((piece) => piece.text !== '');
}

/** Place of the piece that is said at a time (seconds); −1: none. */
export const pieceAt = (spoken: readonly Spoken[], seconds: number): number =>
  spoken.findLastIndex(({ start }) => start !== undefined && start <= seconds + 0.02);

/** The begin of the word before (−1) or after (1) a time, in seconds; none: there is none. */
export function nextWord(
  segments: readonly Segment[],
  recognised: Recognised,
  seconds: number,
  by: 1 | -1,
): number | undefined {
  for (let row = Math.max(0, segmentAt(segments, seconds)); segments[row]; row += by) {
    const starts = startsOf(segments[row]!, recognised);
    const found =
      by > 0 ? starts.find((start) => start > seconds + 0.03) : starts.findLast((start) => start < seconds - 0.03);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The begins of a segment's words; where nobody knows them, its own. */
function startsOf(segment: Segment, recognised: Recognised): number[] {
  const starts = spokenOf(segment, recognised).flatMap(({ start }) => start ?? []);
  return starts.length > 0 ? starts : [segment.start];
}

/** Each piece of a text with the marks that fall into it; both are cut from the same text. */
export function withMarks(spoken: readonly Spoken[], marks: readonly Piece[]): (Spoken & { pieces: Piece[] })[] {
  let from = 0;
  return spoken.map((word) => {
    const to = from + word.text.length;
    const pieces = cut(marks, from, to);
    from = to;
    return { ...word, pieces };
  });
}

function cut(marks: readonly Piece[], from: number, to: number): Piece[] {
  let at = 0;
  return marks.flatMap(({ text, hit }) => {
    const part = text.slice(Math.max(0, from - at), Math.max(0, to - at));
    at += text.length;
    return part === '' ? [] : [{ text: part, hit }];
  });
}
