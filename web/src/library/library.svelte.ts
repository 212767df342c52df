import { listJobs, Problem } from '../api/client';
import { isFinal, type Job, type JobStatus } from '../api/types';
import { removals } from '../jobs/removals.svelte';
import { explain } from '../shell/problem';
import { withFirstPage, withJobs, withNextPage, withPlace, type Loaded } from './pages';

const PAGE = 50;
/** Waits between two looks at the server: while something is going on, and while nothing is. */
const BUSY_MS = 1_500;
const IDLE_MS = 10_000;
/** Unfinished jobs beyond the first page that are looked at one by one in each round. */
const SINGLES = 4;

/** The list of recordings as far as it is loaded. */
class Library {
  #loaded = $state.raw<Loaded>({ jobs: [], cursor: null });
  search = $state('');
  status = $state<JobStatus | undefined>();
  tag = $state<string | undefined>();
  /** Whether the first answer for the present search is here. */
  ready = $state(false);
  loadingMore = $state(false);
  reachable = $state(true);
  problem = $state<string | undefined>();

  jobs = $derived(this.#loaded.jobs.filter((job) => !removals.hides(job.job_id)));
  more = $derived(this.#loaded.cursor !== null);
  narrowed = $derived(this.search.trim() !== '' || this.status !== undefined || this.tag !== undefined);

  #asked = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watching = false;

  /** Loads the list and keeps it fresh until the function that it gives is called. */
  watch(): () => void {
    this.#watching = true;
    const seen = () => document.visibilityState === 'visible' && this.refresh();
    document.addEventListener('visibilitychange', seen);
    void this.refresh();
    return () => {
      this.#watching = false;
      clearTimeout(this.#timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }

  /** Shows the recordings with a tag only, or with any and none. */
  pick(tag: string | undefined): void {
    this.narrow(this.search, this.status, tag);
  }

  /** Looks for other words, another status or another tag. */
  narrow(search: string, status: JobStatus | undefined, tag: string | undefined): void {
    if (search === this.search && status === this.status && tag === this.tag) return;
    this.search = search;
    this.status = status;
    this.tag = tag;
    this.ready = false;
    this.#loaded = { jobs: [], cursor: null };
    void this.refresh();
  }

  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    this.#asked.abort();
    const asked = (this.#asked = new AbortController());
    try {
      const page = await listJobs(this.#listing(), asked.signal);
      if (asked.signal.aborted) return;
      this.#loaded = withFirstPage(this.#loaded, page);
      this.#answered();
      const shown = new Set(page.jobs.map((job) => job.job_id));
      await this.#refreshSingles(shown);
    } catch (error) {
      if (asked.signal.aborted) return;
      this.reachable = !(error instanceof Problem && error.code === 'unreachable');
      this.problem = explain(error);
    }
    if (!asked.signal.aborted) this.#lookAgain();
  }

  async loadMore(): Promise<void> {
    const { cursor } = this.#loaded;
    if (cursor === null || this.loadingMore) return;
    const { signal } = this.#asked;
    this.loadingMore = true;
    try {
      const page = await listJobs({ ...this.#listing(), cursor });
      // Meanwhile other words may have been looked for; then this page belongs to nothing any more.
      if (this.#loaded.cursor !== cursor) return;
      this.#loaded = withNextPage(this.#loaded, page);
      this.#lookAgain();
    } catch (error) {
      if (!signal.aborted) this.problem = explain(error);
    } finally {
      this.loadingMore = false;
    }
  }

  /** Shows a job as it is now. */
  put(job: Job): void {
    this.#loaded = withJobs(this.#loaded, [job]);
  }

  find(id: string): Job | undefined {
    return this.#loaded.jobs.find((job) => job.job_id === id);
  }

  /** Sets the time of the next look. */
  #lookAgain(): void {
    clearTimeout(this.#timer);
    if (!this.#watching) return;
    const busy = !this.reachable || this.#loaded.jobs.some((job) => !isFinal(job.status));
    const next = () => document.visibilityState === 'visible' && void this.refresh();
    this.#timer = setTimeout(next, busy ? BUSY_MS : IDLE_MS);
  }

  #listing() {
    return { search: this.search.trim(), status: this.status, tag: this.tag, limit: PAGE };
  }

  #answered(): void {
    this.ready = true;
    this.reachable = true;
    this.problem = undefined;
  }

  /** Unfinished jobs that the first page no longer shows: what is worked on first, then the oldest. */
  async #refreshSingles(shown: Set<string>): Promise<void> {
    const all = this.#loaded.jobs;
    const stale = all.filter((job) => !isFinal(job.status) && !shown.has(job.job_id)).reverse();
    stale.sort((a, b) => Number(a.status === 'PENDING') - Number(b.status === 'PENDING'));
    for (const job of stale.slice(0, SINGLES)) {
      // A page of one, after the job before it: the route of a single job would send its whole text along.
      const cursor = all[all.indexOf(job) - 1]?.job_id;
      const page = await listJobs({ ...this.#listing(), cursor, limit: 1 });
      this.#loaded = withPlace(this.#loaded, job.job_id, page.jobs[0]);
    }
  }
}

export const library = new Library();
