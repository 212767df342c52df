import type { ServerResponse } from 'node:http';
import { json } from './answers';
import type { FakeServer } from './server';

/** The library, page by page. */
export function list(fake: FakeServer, query: URLSearchParams, response: ServerResponse): void {
  const words = (query.get('q') ?? '').toLowerCase();
  const cursor = query.get('cursor');
  const limit = Number(query.get('limit') ?? 20);
  const found = [...fake.records.values()]
    .filter(({ job, segments }) =>
      [job.title, ...segments.map(({ text }) => text)].join('\n').toLowerCase().includes(words),
    )
    .map(({ job }) => job)
    .filter((job) => !query.get('status') || job.status === query.get('status'))
    .filter((job) => !query.get('tag') || job.tags.includes(query.get('tag')!))
    .sort((a, b) => (a.job_id < b.job_id ? 1 : -1))
    .filter((job) => cursor === null || job.job_id < cursor);
  const jobs = found.slice(0, limit);
  json(response, { jobs, next_cursor: found.length > limit ? (jobs.at(-1)?.job_id ?? null) : null });
}

export function tags(fake: FakeServer, response: ServerResponse): void {
  const counts = new Map<string, number>();
  for (const { job } of fake.records.values()) {
    for (const tag of job.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  const tags = [...counts].map(([tag, jobs]) => ({ tag, jobs })).sort((a, b) => b.jobs - a.jobs);
  json(response, { tags });
}
