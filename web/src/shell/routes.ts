import { parseMoment } from '../format/time';

export type Route = { view: 'home' } | { view: 'record' } | { view: 'admin' } | { view: 'meeting'; id: string; at: number | undefined };

/** Reads the part of the address after `#`. What is not known is the home view. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const meeting = /^jobs\/([\w-]+)$/.exec(path)?.[1];
  if (path === 'record' || path === 'admin') return { view: path };
  if (!meeting) return { view: 'home' };
  return { view: 'meeting', id: meeting, at: parseMoment(new URLSearchParams(query).get('t')) };
}

export const HOME = '#/';
export const RECORD = '#/record';
export const ADMIN = '#/admin';

/** Address of a meeting, or of a moment in it (seconds). */
export function meetingHash(id: string, at?: number): string {
  return `#/jobs/${id}${at === undefined ? '' : `?t=${Math.round(at * 10) / 10}`}`;
}
