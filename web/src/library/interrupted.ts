import { remember, remembered } from '../shell/memory';

/** What is asked for with a recording, by the names of the upload's fields; empty: as the server is set. */
export interface Wishes extends Record<string, string> {
  language: string;
  template: string;
  summary_language: string;
}

/** An upload that is on its way, as the browser remembers it across a reload. */
export interface Started {
  /** Its name on the server. */
  id: string;
  name: string;
  size: number;
  /** Last change of the file: with name and size it tells whether a file is the same. */
  changed: number;
  title: string;
  wishes: Wishes;
  sent: number;
  /** When a page last worked on it, in milliseconds since 1970; 0 when that page was left. */
  seen: number;
}

const KEY = 'uploads';
/** A page that has not been heard of for so long is gone. */
const SILENT_MS = 15_000;

function read(): Started[] {
  try {
    const list: unknown = JSON.parse(remembered(KEY) ?? '[]');
    return Array.isArray(list) ? (list as Started[]).filter((one) => typeof one.id === 'string') : [];
  } catch {
    return [];
  }
}

const write = (list: Started[]): void => remember(KEY, list.length > 0 ? JSON.stringify(list) : '');

/** Uploads that no page works on any more. */
export const interrupted = (now = Date.now()): Started[] => read().filter(({ seen }) => now - seen > SILENT_MS);

/** Remembers how an upload stands. */
export const note = (started: Started): void => write([...read().filter(({ id }) => id !== started.id), started]);

export const forget = (id: string): void => write(read().filter((other) => other.id !== id));

/** Lets others go on with these. */
export function leave(ids: string[]): void {
  write(read().map((one) => (ids.includes(one.id) ? { ...one, seen: 0 } : one)));
}

export const isSame = (started: Pick<Started, 'name' | 'size' | 'changed'>, file: File): boolean =>
  started.name === file.name && started.size === file.size && started.changed === file.lastModified;
