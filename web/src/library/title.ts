import { LONGEST_TITLE } from '../api/client';

/** A file's name without its ending, as a title; empty where that would be none that the server takes. */
export function titleFrom(name: string): string {
  const title = name.replace(/\.\w{1,5}$/, '').trim();
  return title.length > LONGEST_TITLE || /\p{C}/u.test(title) ? '' : title;
}
