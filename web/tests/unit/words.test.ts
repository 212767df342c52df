import { describe, expect, it } from 'vitest';
import { pieces } from '../../src/meeting/find';
import { nextWord, pieceAt, Recognised, spokenOf, withMarks } from '../../src/meeting/words';
import { makeSegments, withWords } from '../fake/data';

const segments = makeSegments(3);
const original = segments.map(withWords);
const words = original.flatMap(({ words }) => words ?? []);
const recognised = new Recognised(original);
const nothing = new Recognised([]);
const first = segments[0]!;
const timed = (text: string) =>
  spokenOf({ ...first, text }, recognised).flatMap(({ text, start }) => (start === undefined ? [] : [text]));

describe('a segment word by word', () => {
  it('is its text, each word with its time', () => {
    const spoken = spokenOf(first, recognised);
    expect(spoken.map(({ text }) => text).join('')).toBe(first.text);
    expect(spoken.filter(({ start }) => start !== undefined)).toHaveLength(first.text.split(' ').length);
    expect(spoken[0]).toMatchObject({ text: 'Good', start: 0.5 });
    expect(pieceAt(spoken, 0.4)).toBe(-1);
    expect(spoken[pieceAt(spoken, 4.7)]?.text).toBe('stands.');
  });

  it('keeps the times of the words that an edit has left, and gives others those between them', () => {
    expect(timed('Good evening, everyone. Let us begin with where the prototype stands.').slice(0, 3)).toEqual([
      'Good',
      'evening,',
      'everyone.',
    ]);
    const edited = spokenOf({ ...first, text: 'Good evening, everyone. Let us begin.' }, recognised);
    const evening = edited.find(({ text }) => text === 'evening,');
    expect(evening?.start).toBeGreaterThan(0.5);
    expect(evening?.end).toBe(edited.find(({ text }) => text === 'everyone.')?.start);
    expect(edited.map(({ text }) => text).join('')).toBe('Good evening, everyone. Let us begin.');
  });

  it('is cut where a segment was split, and goes on where two were merged', () => {
    const middle = words.find(({ word }) => word === 'Let')!.start;
    const head = { ...first, end: middle, text: 'Good morning, everyone.' };
    const tail = { ...first, segment_number: 9, start: middle, text: 'Let us begin with where the prototype stands.' };
    expect(spokenOf(head, recognised).at(-1)).toMatchObject({ text: 'everyone.' });
    expect(spokenOf(tail, recognised)[0]).toMatchObject({ text: 'Let', start: middle });
    const both = { ...first, merged: [2], end: segments[1]!.end, text: `${first.text} ${segments[1]!.text}` };
    expect(spokenOf(both, recognised).find(({ text }) => text === 'survey')?.start).toBeGreaterThan(5.5);
  });

  it('is not mixed with what somebody else says at the same time', () => {
    const other = { ...first, segment_number: 4, start: 1, text: 'Good night, everyone.' };
    const both = new Recognised([...original, withWords(other)]);
    expect(spokenOf(first, both)).toEqual(spokenOf(first, recognised));
    expect(spokenOf(other, both)[0]).toMatchObject({ text: 'Good', start: 1 });
  });

  it('is one piece where nobody knows its words', () => {
    expect(spokenOf(first, nothing)).toEqual([{ text: first.text }]);
    expect(timed('전혀 다른 말')).toEqual([]);
  });

  it('shows what was looked for, also across words', () => {
    const marked = withMarks(spokenOf(first, recognised), pieces(first.text, 'ood mor'));
    expect(marked.slice(0, 3).map(({ pieces }) => pieces)).toEqual([
      [
        { text: 'G', hit: false },
        { text: 'ood', hit: true },
      ],
      [{ text: ' ', hit: true }],
      [
        { text: 'mor', hit: true },
        { text: 'ning,', hit: false },
      ],
    ]);
  });
});

describe('the next word', () => {
  it('is the next one, across segments', () => {
    expect(nextWord(segments, recognised, 0.5, 1)).toBeCloseTo(words[1]!.start);
    expect(nextWord(segments, recognised, words[1]!.start, -1)).toBeCloseTo(0.5);
    expect(nextWord(segments, recognised, first.end - 0.1, 1)).toBeCloseTo(5.5);
    expect(nextWord(segments, recognised, 5.5, -1)).toBeLessThan(5);
    expect(nextWord(segments, recognised, 0, -1)).toBeUndefined();
    expect(nextWord(segments, recognised, 1e6, 1)).toBeUndefined();
  });

  it('is the next segment where nobody knows the words', () => {
    expect(nextWord(segments, nothing, 1, 1)).toBe(5.5);
    expect(nextWord(segments, nothing, 6, -1)).toBe(5.5);
  });
});
