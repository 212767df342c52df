import { describe, expect, it } from 'vitest';
import { ownFields } from '../../src/api/types';
import { matches, pieces } from '../../src/meeting/find';
import {
  byNumber,
  chapterAt,
  momentsOf,
  originalOf,
  segmentAt,
  withEdit,
  withSegments,
} from '../../src/meeting/timeline';
import { bars, speakersOf } from '../../src/meeting/waveform';
import type { TranscriptEdited } from '../../src/api/types';
import { makeMinutes, makeSegments } from '../fake/data';

const segments = makeSegments(20);

describe('the segment that is heard', () => {
  it('is the last that has begun', () => {
    expect([0, 0.49, 0.5, 5.4, 5.5, 95.5, 1e6].map((s) => segmentAt(segments, s))).toEqual([-1, 0, 0, 0, 1, 19, 19]);
    expect(segmentAt([], 3)).toBe(-1);
  });

  it('is in the chapter that began last', () => {
    const { chapters } = makeMinutes();
    expect([0, 0.5, 30.4, 30.5, 900].map((s) => chapterAt(chapters, s)?.title)).toEqual([
      undefined,
      'What the survey says',
      'What the survey says',
      'March or April',
      'Budget and board',
    ]);
  });
});

describe('evidence', () => {
  it('joins segments that follow one another into one moment', () => {
    const moments = momentsOf([6, 4, 5, 5, 17], segments);
    expect(moments.map(({ start, numbers }) => [start, numbers])).toEqual([
      [15.5, [4, 5, 6]],
      [80.5, [17]],
    ]);
    expect(moments[0]?.quote).toContain('We could keep the recording');
  });

  it('leaves out what does not exist', () => {
    expect(momentsOf([0, 21, -1, 3], segments).map(({ numbers }) => numbers)).toEqual([[3]]);
  });
});

describe('new segments', () => {
  const [one, two, three] = segments as [(typeof segments)[0], (typeof segments)[0], (typeof segments)[0]];

  it('are added in order, and each number is there once', () => {
    expect(withSegments([one], [two, three])).toEqual([one, two, three]);
    expect(withSegments([one, three], [two])).toEqual([one, two, three]);
    const better = { ...two, text: 'Better.' };
    expect(withSegments([one, two, three], [better])).toEqual([one, better, three]);
  });

  it('are found by number also while some are missing', () => {
    expect(byNumber([two, three], 3)).toBe(three);
    expect(byNumber([two, three], 1)).toBeUndefined();
  });
});

describe('the search in a transcript', () => {
  it('cuts a text at what was found, whatever the case', () => {
    expect(pieces('The budget. BUDGET!', ' budget ')).toEqual([
      { text: 'The ', hit: false },
      { text: 'budget', hit: true },
      { text: '. ', hit: false },
      { text: 'BUDGET', hit: true },
      { text: '!', hit: false },
    ]);
    expect(pieces('예산을 검토', '예산')[0]).toEqual({ text: '예산', hit: true });
  });

  it('loses no letter, also of texts that grow in lower case', () => {
    for (const text of ['', 'İstanbul İ', '<b>&amp;</b>', 'aaa']) {
      for (const words of ['', 'i', 'a', '<b>', 'zz']) {
        expect(
          pieces(text, words)
            .map((piece) => piece.text)
            .join(''),
        ).toBe(text);
      }
    }
  });

  it('finds the segments that have the words', () => {
    expect(matches(segments, 'MARIA')).toEqual([8]);
    expect(matches(segments, '  ')).toEqual([]);
  });
});

describe('fields that only one template has', () => {
  it('are told from those that all minutes have', () => {
    const complaint = [{ text: 'It hurts', segments: [1] }];
    const minutes = makeMinutes({ complaint, mood: 'good', empty: [], odd: [7, null, { text: 'x' }], count: 3 } as object);
    expect(ownFields(minutes)).toEqual([
      { name: 'complaint', text: '', entries: complaint },
      { name: 'mood', text: 'good', entries: [] },
    ]);
    expect(ownFields(makeMinutes())).toEqual([]);
  });
});

describe('an edited transcript', () => {
  const edit = (removed: number[], changed: TranscriptEdited['segments']): TranscriptEdited => ({
    type: 'transcript_edited',
    action: 'merge',
    transcript_revision: 1,
    removed,
    segments: changed,
    status: 'COMPLETED',
  });
  const [, second, third] = segments;
  const split = { segment_number: 21, start: 7, end: 9.8, text: 'The second half.' };
  const merged = { ...second!, end: third!.end, text: 'Both.', merged: [3] };

  it('is in the order of time, whatever the numbers', () => {
    const after = withEdit(segments, edit([], [{ ...second!, end: 7 }, split]));
    expect(after.slice(0, 4).map(({ segment_number }) => segment_number)).toEqual([1, 2, 21, 3]);
    expect(momentsOf([2, 3, 21], after)).toMatchObject([{ start: 5.5, numbers: [2, 21, 3] }]);
  });

  it('answers to the numbers of what was merged', () => {
    const after = withEdit(segments, edit([3], [merged]));
    expect(after).toHaveLength(19);
    expect(byNumber(after, 3)).toBe(merged);
    expect(momentsOf([2, 3], after)).toMatchObject([{ start: 5.5, numbers: [2] }]);
    expect(originalOf(merged, segments)).toBe(`${second!.text} ${third!.text}`);
  });

  it('colours its waveform by who speaks', () => {
    const spoken = segments.map((segment, at) => ({ ...segment, speaker: at < 10 ? 'Ida' : 'Jo' }));
    expect(speakersOf(spoken)).toEqual(['Ida', 'Jo']);
    const waveform = { seconds_per_peak: 1, peaks: Array.from({ length: 100 }, (_, at) => (at === 60 ? 200 : 100)) };
    const drawn = bars(waveform, 100, 20, spoken);
    expect(drawn.map(({ height }) => height)).toEqual(drawn.map((_, at) => (at === 12 ? 1 : 0.5)));
    expect([drawn[0], drawn[19]].map((bar) => bar?.speaker)).toEqual([0, 1]);
    expect(bars(waveform, 100, 20, segments).every(({ speaker }) => speaker === -1)).toBe(true);
  });
});
