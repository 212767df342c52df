import { onMount } from 'svelte';
import { explain } from '../shell/problem';

/** Something that is asked for again and again while it is shown. */
export class Look<T> {
  value = $state.raw<T | undefined>();
  problem = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;
  #shown = false;

  constructor(
    private ask: () => Promise<T>,
    /** Milliseconds until the next look. */
    private pause: (value: T | undefined) => number,
  ) {
    onMount(() => {
      this.#shown = true;
      void this.again();
      return () => {
        this.#shown = false;
        clearTimeout(this.#timer);
      };
    });
  }

  async again(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      this.value = await this.ask();
      this.problem = '';
    } catch (error) {
      this.problem = explain(error);
    }
    clearTimeout(this.#timer);
    if (this.#shown) this.#timer = setTimeout(() => void this.again(), this.pause(this.value));
  }
}
