import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/api/types';
import { byDay, withFirstPage, withJobs, withNextPage, withPlace, type Loaded } from '../../src/library/pages';
import { titleFrom } from '../../src/library/title';
import { fieldsOf } from '../../src/api/schema';

describe('the title of a new recording', () => {
  it('is its file’s name without the ending, if the server takes that', () => {
    const names = [
      'meeting_en.flac',
      '회의 3.월.m4a',
      'no ending',
      'v1.2 final.wav',
      '.wav',
      'a\nb.wav',
      `${'x'.repeat(201)}.wav`,
    ];
    expect(names.map(titleFrom)).toEqual(['meeting_en', '회의 3.월', 'no ending', 'v1.2 final', '', '', '']);
  });
});

const job = (id: string, at = 0, title = id): Job => ({ job_id: id, created_at: at, title }) as Job;
const ids = ({ jobs }: Loaded) => jobs.map(({ job_id }) => job_id).join('');
const loaded = (ids: string, cursor: string | null): Loaded => ({ jobs: [...ids].map((id) => job(id)), cursor });
const page = (ids: string, next: string | null) => ({ jobs: [...ids].map((id) => job(id)), next_cursor: next });

describe('a fresh first page', () => {
  it('brings what is new and takes what is gone, and what follows stays', () => {
    const now = withFirstPage(loaded('hgfedcba', 'a'), page('ihf', 'f'));
    expect(ids(now)).toBe('ihfedcba');
    expect(now.cursor).toBe('a');
  });

  it('is all there is when nothing follows it', () => {
    expect(withFirstPage(loaded('hgfe', 'e'), page('h', null))).toEqual({ jobs: [job('h')], cursor: null });
    expect(withFirstPage(loaded('hgfe', 'e'), page('', null))).toEqual({ jobs: [], cursor: null });
  });

  it('says where to go on when nothing more is loaded', () => {
    expect(withFirstPage(loaded('', null), page('hg', 'g')).cursor).toBe('g');
    expect(withFirstPage(loaded('hg', 'g'), page('ih', 'h')).cursor).toBe('g');
  });
});

describe('the list', () => {
  it('grows by the next page, each job once', () => {
    const now = withNextPage(loaded('hgf', 'f'), page('fed', 'd'));
    expect(ids(now)).toBe('hgfed');
    expect(now.cursor).toBe('d');
  });

  it('takes newer states into their places', () => {
    const now = withJobs(loaded('cba', null), [job('b', 0, 'New title'), job('x')]);
    expect(now.jobs.map(({ title }) => title)).toEqual(['c', 'New title', 'a']);
  });

  it('drops a job in whose place another one was found', () => {
    expect(ids(withPlace(loaded('cba', null), 'b', job('a')))).toBe('ca');
    expect(ids(withPlace(loaded('cba', null), 'a', undefined))).toBe('cb');
    expect(withPlace(loaded('cba', null), 'b', job('b', 0, 'New')).jobs[1]?.title).toBe('New');
  });

  it('is grouped by the days of the reader', () => {
    const at = (day: number, hour: number) => new Date(2026, 4, day, hour).getTime();
    const days = byDay([job('d', at(3, 0)), job('c', at(2, 23)), job('b', at(2, 0)), job('a', at(1, 12))]);
    expect(days.map(({ key, jobs }) => `${key} ${jobs.length}`)).toEqual([
      '2026-05-03 1',
      '2026-05-02 2',
      '2026-05-01 1',
    ]);
    expect(byDay([])).toEqual([]);
  });
});

it('knows the fields of a schema, also of those that it is made of', () => {
  const all = {
    Speakers: { properties: { diarize: {}, num_speakers: {} } },
    Job: { allOf: [{ $ref: '#/components/schemas/Speakers' }, { properties: { language: {} } }] },
  };
  expect(fieldsOf(all.Job, all)).toEqual(['diarize', 'num_speakers', 'language']);
  expect(fieldsOf(undefined, all)).toEqual([]);
});
