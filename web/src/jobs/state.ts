import type { Job, Stage } from '../api/types';
import { percent } from '../format/number';
import { span, steady } from '../format/time';
import type { Messages } from '../i18n/messages';

/** The stages a recording goes through, in order. */
export const STAGES = ['queued', 'loading', 'transcribing', 'summarising'] as const satisfies readonly Stage[];

/** The stage a job is in; its status wins where a late progress report says otherwise. */
export function stageOf(job: Pick<Job, 'status' | 'progress'>): Stage {
  if (job.status === 'PENDING') return 'queued';
  if (job.status === 'TRANSCRIBED') return 'summarising';
  if (job.status !== 'PROCESSING') return 'done';
  return job.progress.stage === 'transcribing' ? 'transcribing' : 'loading';
}

/** What stands beside the stage: per cent and time left, or the place in the queue; empty where nothing is known. */
export function detailOf(job: Pick<Job, 'status' | 'progress'>, t: Messages, locale: string): string {
  const { progress, eta_seconds, queue_position } = job.progress;
  if (stageOf(job) === 'queued') return queue_position === null ? '' : t.progress.ahead(queue_position);
  const parts = progress > 0 ? [percent(progress, locale)] : [];
  if (eta_seconds !== null) parts.push(t.progress.left(span(steady(eta_seconds), locale)));
  return parts.join(' · ');
}
