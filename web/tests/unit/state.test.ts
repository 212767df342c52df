import { describe, expect, it } from 'vitest';
import { problemOf } from '../../src/api/client';
import { endsStream, type JobEvent, type JobStatus, type Progress } from '../../src/api/types';
import en from '../../src/i18n/locales/en';
import { detailOf, stageOf } from '../../src/jobs/state';

const job = (status: JobStatus, progress: Partial<Progress>) => ({
  status,
  progress: { stage: 'queued', progress: 0, eta_seconds: null, queue_position: null, ...progress } as Progress,
});

describe('where a job stands', () => {
  it('is told by its status before its progress', () => {
    expect(stageOf(job('PENDING', { stage: 'transcribing' }))).toBe('queued');
    expect(stageOf(job('PROCESSING', { stage: 'queued' }))).toBe('loading');
    expect(stageOf(job('PROCESSING', { stage: 'transcribing' }))).toBe('transcribing');
    expect(stageOf(job('TRANSCRIBED', { stage: 'transcribing' }))).toBe('summarising');
    expect(stageOf(job('FAILED', { stage: 'transcribing' }))).toBe('done');
  });

  it('comes with per cent and time left, or with the place in the queue', () => {
    expect(detailOf(job('PROCESSING', { stage: 'transcribing', progress: 0.426, eta_seconds: 130 }), en, 'en')).toBe(
      '42% · about 3 min left',
    );
    expect(detailOf(job('PENDING', { queue_position: 0 }), en, 'en')).toBe('next');
    expect(detailOf(job('PENDING', { queue_position: 3 }), en, 'en')).toBe('3 ahead');
    expect(detailOf(job('PENDING', {}), en, 'en')).toBe('');
  });
});

describe('answers of the server', () => {
  it('that are problems are told by their detail', () => {
    expect(problemOf(413, '{"code":"file_too_large","title":"T","detail":"Too large."}')).toMatchObject({
      status: 413,
      code: 'file_too_large',
      message: 'Too large.',
    });
    expect(problemOf(502, '<html>')).toMatchObject({ status: 502, code: 'unknown', message: 'HTTP 502' });
  });

  it('end a stream when the job is finished', () => {
    const error = (status: JobStatus): JobEvent => ({ type: 'error', code: 'x', message: 'X.', status });
    expect([error('FAILED'), error('CANCELLED'), error('PROCESSING')].map(endsStream)).toEqual([true, true, false]);
    expect(endsStream({ type: 'status', status: 'TRANSCRIBED' })).toBe(false);
  });
});
