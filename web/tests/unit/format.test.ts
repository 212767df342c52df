import { describe, expect, it } from 'vitest';
import { languageName, spokenLanguages } from '../../src/format/language';
import { percent, size } from '../../src/format/number';
import { clock, dayTitle, parseMoment, span, steady } from '../../src/format/time';

describe('times', () => {
  it('are shown as on a player', () => {
    const shown = [0, 7.9, 59.99, 60, 754, 3600, 3723, 36_000, -3, NaN, Infinity].map(clock);
    expect(shown).toEqual([
      '0:00',
      '0:07',
      '0:59',
      '1:00',
      '12:34',
      '1:00:00',
      '1:02:03',
      '10:00:00',
      '0:00',
      '0:00',
      '0:00',
    ]);
  });

  it('are read from a link, and nonsense is not', () => {
    expect(['12.3', '0', '1:02', '1:02:03', '90:00.5'].map(parseMoment)).toEqual([12.3, 0, 62, 3723, 5400.5]);
    for (const wrong of [null, undefined, '', '-1', 'abc', '1:2:3:4', '1e9', '12s', ' 12', 'Infinity']) {
      expect(parseMoment(wrong), String(wrong)).toBeUndefined();
    }
  });

  it('of a length are rounded and said in words', () => {
    expect([0, 40, 59.6, 60, 3599, 3600, 3900, 7440].map((s) => span(s, 'en'))).toEqual([
      '0 sec',
      '40 sec',
      '1 min',
      '1 min',
      '1 hr',
      '1 hr',
      '1 hr 5 min',
      '2 hr 4 min',
    ]);
    expect([40, 150, 7440].map((s) => span(s, 'ko'))).toEqual(['40초', '3분', '2시간 4분']);
  });

  it('that remain do not flicker', () => {
    expect([0.4, 4, 11, 59, 60, 61, 170].map(steady)).toEqual([5, 5, 15, 60, 60, 120, 180]);
  });

  it('head a day with today, yesterday or its date', () => {
    const now = new Date(2026, 2, 1, 0, 30).getTime();
    const at = (...parts: [number, number, number, number]) => dayTitle(new Date(...parts).getTime(), now, 'en');
    expect([at(2026, 2, 1, 0), at(2026, 1, 28, 23), at(2026, 1, 27, 12), at(2025, 11, 31, 12)]).toEqual([
      'Today',
      'Yesterday',
      'Friday, February 27',
      'Wednesday, December 31, 2025',
    ]);
    expect(dayTitle(now, now, 'ko')).toBe('오늘');
  });
});

describe('numbers', () => {
  it('of bytes are short', () => {
    expect([0, 999, 1000, 1_074_588, 99_949_999, 999_500_000, 4.2e12].map((n) => size(n, 'en'))).toEqual([
      '0 byte',
      '999 byte',
      '1 kB',
      '1.1 MB',
      '100 MB',
      '1 GB',
      '4.2 TB',
    ]);
  });

  it('of per cent reach a hundred only at the end', () => {
    expect([0, 0.004, 0.426, 0.999, 1, 1.2, -1].map((n) => percent(n, 'en'))).toEqual([
      '0%',
      '0%',
      '42%',
      '99%',
      '100%',
      '100%',
      '0%',
    ]);
  });
});

describe('languages', () => {
  it('are named in the language of the page', () => {
    expect([languageName('ko', 'en'), languageName('ko', 'ko'), languageName('??', 'en')]).toEqual([
      'Korean',
      '한국어',
      '??',
    ]);
  });

  it('can all be chosen once, and each has a name', () => {
    const all = spokenLanguages('en');
    expect(new Set(all.map(({ code }) => code)).size).toBe(all.length);
    expect(all.filter(({ code, name }) => code === name)).toEqual([]);
    expect(all.length).toBe(100);
  });
});
