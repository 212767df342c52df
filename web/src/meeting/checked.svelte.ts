import { SvelteSet } from 'svelte/reactivity';
import { remember, remembered } from '../shell/memory';

/** Action items that were ticked off, kept in the browser. They are known by their words, so a new version keeps them. */
export class Checked {
  #done: SvelteSet<string>;
  #key: string;

  constructor(id: string) {
    this.#key = `done.${id}`;
    this.#done = new SvelteSet(parse(remembered(this.#key)));
  }

  has(task: string): boolean {
    return this.#done.has(task);
  }

  set(task: string, done: boolean): void {
    if (done) this.#done.add(task);
    else this.#done.delete(task);
    remember(this.#key, this.#done.size === 0 ? '' : JSON.stringify([...this.#done]));
  }
}

function parse(kept: string | null): string[] {
  try {
    const list: unknown = JSON.parse(kept ?? '[]');
    return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
  } catch {
    return [];
  }
}
