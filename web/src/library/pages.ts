import type { Job, JobPage } from '../api/types';
import { dayOf } from '../format/time';

export interface Loaded {
  jobs: Job[];
  cursor: string | null;
}

/** Puts a fresh first page over what is loaded: what follows it stays, what has gone from it goes. */
export function withFirstPage(loaded: Loaded, page: JobPage): Loaded {
  const oldest = page.jobs.at(-1);
  if (page.next_cursor === null || !oldest) return { jobs: page.jobs, cursor: page.next_cursor };
  // Ids sort by the time of creation.
  const rest = loaded.jobs.filter((job) => job.job_id < oldest.job_id);
  return { jobs: [...page.jobs, ...rest], cursor: rest.length > 0 ? loaded.cursor : page.next_cursor };
}

/** Adds the next page; what is there already is not there twice. */
export function withNextPage(loaded: Loaded, page: JobPage): Loaded {
  const known = new Set(loaded.jobs.map((job) => job.job_id));
  return { jobs: [...loaded.jobs, ...page.jobs.filter((job) => !known.has(job.job_id))], cursor: page.next_cursor };
}

/** Puts newer states of jobs in their places. */
export function withJobs(loaded: Loaded, newer: Job[]): Loaded {
  const byId = new Map(newer.map((job) => [job.job_id, job]));
  return { ...loaded, jobs: loaded.jobs.map((job) => byId.get(job.job_id) ?? job) };
}

/** Puts what was found in a job's place there; where it was not found, it is gone. */
export function withPlace(loaded: Loaded, id: string, found: Job | undefined): Loaded {
  if (found?.job_id === id) return withJobs(loaded, [found]);
  return { ...loaded, jobs: loaded.jobs.filter((job) => job.job_id !== id) };
}

export interface Day {
  key: string;
  /** Moment of its first recording, in milliseconds since 1970. */
  at: number;
  jobs: Job[];
}

/** Groups jobs, which come newest first, by the reader's own days. */
export function byDay(jobs: readonly Job[]): Day[] {
  const days: Day[] = [];
  for (const job of jobs) {
    const key = dayOf(job.created_at);
    const day = days.at(-1);
    if (day?.key === key) day.jobs.push(job);
    else days.push({ key, at: job.created_at, jobs: [job] });
  }
  return days;
}
