import { getTags } from '../api/client';
import type { TagCount } from '../api/types';

/** The tags of all recordings, the most used first. */
class Tags {
  list = $state.raw<TagCount[]>([]);

  /** Looks what there is now. Without an answer, what was known stays. */
  async refresh(): Promise<void> {
    this.list = await getTags().catch(() => this.list);
  }
}

export const tags = new Tags();
