/** Where the rows of a long list lie: measured heights where there are any, estimates elsewhere. All in CSS pixels. */
export class Heights {
  #measured: (number | undefined)[] = [];
  /** Offset of each row, and at the end the height of all; valid up to and including `#valid`. */
  #offsets: number[] = [0];
  #valid = 0;
  #count = 0;

  /** `estimate` gives the likely height of a row that was never shown. */
  constructor(private estimate: (index: number) => number) {}

  get count(): number {
    return this.#count;
  }

  /** Sets how many rows there are. */
  resize(count: number): void {
    this.#count = count;
    this.#measured.length = count;
    this.#valid = Math.min(this.#valid, count);
  }

  /** Forgets what was measured, because the rows have become wider or narrower. */
  reset(): void {
    this.#measured = new Array<number | undefined>(this.#count).fill(undefined);
    this.#valid = 0;
  }

  heightOf(index: number): number {
    return this.#measured[index] ?? this.estimate(index);
  }

  /** Takes a measured height; gives by how much the row is higher than was thought. */
  measure(index: number, height: number): number {
    if (index < 0 || index >= this.#count) return 0;
    const change = height - this.heightOf(index);
    if (this.#measured[index] !== undefined && Math.abs(change) < 0.5) return 0;
    this.#measured[index] = height;
    if (change !== 0) this.#valid = Math.min(this.#valid, index);
    return change;
  }

  /** Distance of a row's upper edge from that of the list; of the row after the last: the height of all. */
  offset(index: number): number {
    const wanted = Math.max(0, Math.min(index, this.#count));
    for (let at = this.#valid; at < wanted; at += 1) {
      this.#offsets[at + 1] = (this.#offsets[at] ?? 0) + this.heightOf(at);
    }
    this.#valid = Math.max(this.#valid, wanted);
    return this.#offsets[wanted] ?? 0;
  }

  get total(): number {
    return this.offset(this.#count);
  }

  /** The row that lies at a distance from the list's upper edge. */
  at(distance: number): number {
    this.offset(this.#count);
    let [low, high] = [0, Math.max(0, this.#count - 1)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#offsets[middle] ?? 0) <= distance) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Rows to render, from the first up to but not with the last: those in sight and `spare` on each side. */
  window(top: number, height: number, spare: number): { first: number; last: number } {
    if (this.#count === 0) return { first: 0, last: 0 };
    return {
      first: Math.max(0, this.at(top) - spare),
      last: Math.min(this.#count, this.at(top + height) + 1 + spare),
    };
  }
}
