import { cancelJob, retryJob } from '../api/client';
import { isFinal, type Job } from '../api/types';
import type { Messages } from '../i18n/messages';
import type { MenuItem } from '../shell/Menu.svelte';
import { complain } from '../shell/problem';
import { toasts } from '../shell/toasts.svelte';
import { removals } from './removals.svelte';

/** What the place that shows a job does when something is done with it. */
interface Shown {
  /** Gets the job as the server has it afterwards. */
  changed: (job: Job) => void;
  rename: () => void;
  tag: () => void;
  /** Called before the job is taken away. */
  removing?: () => void;
}

/** What can be done with a job, wherever it is shown. */
export function actionsFor(job: Job, t: Messages, { changed, rename, tag, removing }: Shown): MenuItem[] {
  const items: MenuItem[] = [
    { label: t.library.rename, icon: 'rename', run: rename },
    { label: t.tags.edit, icon: 'tag', run: tag },
  ];
  if (canRetry(job)) items.push({ label: t.library.retry, icon: 'retry', run: () => void retry(job, changed) });
  if (!isFinal(job.status)) {
    items.push({ label: t.library.cancel, icon: 'cancel', run: () => void cancel(job, t, changed) });
  }
  const remove = () => {
    removing?.();
    removals.remove(job);
  };
  items.push({ label: t.library.delete, icon: 'trash', danger: true, run: remove });
  return items;
}

export const canRetry = (job: Job): boolean => job.status === 'FAILED' || job.status === 'CANCELLED';

export async function retry(job: Job, changed: (job: Job) => void): Promise<void> {
  await retryJob(job.job_id).then(changed, complain);
}

async function cancel(job: Job, t: Messages, changed: (job: Job) => void): Promise<void> {
  try {
    changed(await cancelJob(job.job_id));
    toasts.show({ text: job.current_summary === null ? t.library.cancelled : t.library.cancelledMinutes });
  } catch (error) {
    complain(error);
  }
}
