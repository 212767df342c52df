import { SvelteMap } from 'svelte/reactivity';
import { deleteJob, Problem } from '../api/client';
import type { Job } from '../api/types';
import { i18n } from '../i18n/index.svelte';
import { isTyping } from '../shell/keys';
import { explain } from '../shell/problem';
import { toasts } from '../shell/toasts.svelte';

/** Time in which a deletion can be taken back. */
const UNDO_MS = 7_000;

/** Deletions that can still be taken back. The server hears of one when its time is up or the page is left. */
class Removals {
  #pending = new SvelteMap<string, { job: Job; settle: () => void }>();
  /** Jobs that the server has deleted, or is about to: a late listing must not bring them back. */
  #gone = new SvelteMap<string, true>();

  start(): void {
    addEventListener('pagehide', () => this.flush());
    addEventListener('keydown', (event) => {
      if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || isTyping(event)) return;
      const last = [...this.#pending.keys()].at(-1);
      if (!last) return;
      // Nothing else is to be undone by the same key.
      event.preventDefault();
      this.#undo(last);
    });
  }

  hides(id: string): boolean {
    return this.#pending.has(id) || this.#gone.has(id);
  }

  remove(job: Job): void {
    if (this.hides(job.job_id)) return;
    const timer = setTimeout(() => void this.#send(job), UNDO_MS);
    const close = toasts.show(
      {
        text: i18n.t.library.deleted(job.title),
        action: { label: i18n.t.app.undo, run: () => this.#undo(job.job_id) },
      },
      UNDO_MS,
    );
    const settle = () => {
      clearTimeout(timer);
      close();
      this.#pending.delete(job.job_id);
    };
    this.#pending.set(job.job_id, { job, settle });
  }

  /** Sends all that waits. */
  flush(): void {
    for (const { job } of [...this.#pending.values()]) void this.#send(job);
  }

  #undo(id: string): void {
    this.#pending.get(id)?.settle();
  }

  async #send(job: Job): Promise<void> {
    this.#pending.get(job.job_id)?.settle();
    this.#gone.set(job.job_id, true);
    try {
      await deleteJob(job.job_id);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return;
      this.#gone.delete(job.job_id);
      const text = `${i18n.t.library.notDeleted(job.title)} ${explain(error)}`;
      toasts.show({ text, tone: 'danger' }, 8_000);
    }
  }
}

export const removals = new Removals();
