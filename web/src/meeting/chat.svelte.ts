import { askChat, clearChat, getChat, Problem } from '../api/client';
import type { ChatMessage } from '../api/types';

/** The chat about one recording, and the answer that is on its way. */
export class Chat {
  /** All that was asked and answered, the oldest first. */
  messages = $state.raw<ChatMessage[]>([]);
  /** The question that is being answered. */
  asking = $state<string | undefined>();
  /** What has come of the answer, not yet checked. */
  partial = $state('');
  problem = $state.raw<unknown>();
  loaded = $state(false);
  /** The newest answer, for those who hear it. */
  news = $state('');

  #life = new AbortController();
  #answer = new AbortController();

  constructor(readonly id: string) {}

  /** Loads what was said before; the function that it gives ends all. */
  open(): () => void {
    void this.#load();
    return () => {
      this.#life.abort();
      this.#answer.abort();
    };
  }

  /** Asks; whether there is an answer. */
  async ask(question: string): Promise<boolean> {
    if (this.asking !== undefined) return false;
    this.asking = question;
    this.problem = undefined;
    this.#answer = new AbortController();
    const { signal } = this.#answer;
    try {
      const hear = (text: string | undefined) => (this.partial = text === undefined ? '' : this.partial + text);
      const message = await askChat(this.id, question, hear, signal);
      this.news = message.text.replace(/ ?\[\d+\]/g, '');
      // Another page may have asked, too; what is stored is what was said.
      await this.#load();
      return true;
    } catch (error) {
      if (!signal.aborted) this.problem = error;
      return false;
    } finally {
      this.asking = undefined;
      this.partial = '';
    }
  }

  /** Gives the answer up that is on its way. */
  stop(): void {
    this.#answer.abort();
  }

  async clear(): Promise<void> {
    this.problem = undefined;
    try {
      await clearChat(this.id);
      this.messages = [];
    } catch (error) {
      this.problem = error;
    }
  }

  async #load(): Promise<void> {
    const { signal } = this.#life;
    try {
      this.messages = await getChat(this.id, signal);
      this.loaded = true;
    } catch (error) {
      if (!signal.aborted && error instanceof Problem) this.problem = error;
    }
  }
}

/** A piece of an answer: words, or the segments that bear out what stands before. */
export type Part = { text: string } | { segments: number[] };

/** Cuts an answer at its citations (`[12][13]`); only those of `known` segments are any. */
export function partsOf(text: string, known: readonly number[]): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(/ ?\[(\d+)\](?:\[\d+\])*/g)) {
    const segments = [...match[0].matchAll(/\d+/g)].map(([number]) => Number(number));
    if (!segments.every((number) => known.includes(number))) continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ segments });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}
