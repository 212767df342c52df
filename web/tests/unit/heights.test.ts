import { describe, expect, it } from 'vitest';
import { Heights } from '../../src/meeting/heights';

function list(count: number, estimate: (index: number) => number = () => 40) {
  const heights = new Heights(estimate);
  heights.resize(count);
  return heights;
}

describe('the heights of a long list', () => {
  it('are estimated until they are measured', () => {
    const heights = list(5000);
    expect(heights.total).toBe(200_000);
    expect(heights.measure(2, 100)).toBe(60);
    expect(heights.measure(2, 100)).toBe(0);
    expect([heights.offset(2), heights.offset(3), heights.total]).toEqual([80, 180, 200_060]);
  });

  it('find the row at a distance as adding up would', () => {
    const heights = list(300, (index) => 20 + (index % 7) * 11);
    for (let index = 0; index < 300; index += 13) heights.measure(index, 33.5 + index);
    const rows = Array.from({ length: 300 }, (_, index) => heights.heightOf(index));
    let top = 0;
    rows.forEach((height, index) => {
      expect(heights.at(top), `upper edge of ${index}`).toBe(index);
      expect(heights.at(top + height - 0.01), `lower edge of ${index}`).toBe(index);
      top += height;
    });
    expect(heights.at(-50)).toBe(0);
    expect(heights.at(1e9)).toBe(299);
    expect(heights.total).toBeCloseTo(top);
  });

  it('give a window that covers what is in sight and is bounded', () => {
    const heights = list(5000);
    expect(heights.window(0, 800, 8)).toEqual({ first: 0, last: 29 });
    expect(heights.window(100_000, 800, 8)).toEqual({ first: 2492, last: 2529 });
    expect(heights.window(199_200, 800, 8)).toEqual({ first: 4972, last: 5000 });
    for (let top = 0; top < 200_000; top += 977) {
      const { first, last } = heights.window(top, 800, 8);
      expect(last - first).toBeLessThan(40);
      expect(heights.offset(first)).toBeLessThanOrEqual(top);
      expect(heights.offset(last)).toBeGreaterThanOrEqual(Math.min(top + 800, heights.total));
    }
  });

  it('keep what was measured when rows are added, and forget it when the width changes', () => {
    const heights = list(2);
    heights.measure(0, 90);
    heights.resize(4);
    expect(heights.total).toBe(210);
    heights.reset();
    expect(heights.total).toBe(160);
    heights.resize(1);
    expect([heights.total, heights.offset(9)]).toEqual([40, 40]);
  });

  it('of an empty list are nothing', () => {
    const heights = list(0);
    expect([heights.total, heights.at(10), heights.window(0, 800, 8)]).toEqual([0, 0, { first: 0, last: 0 }]);
    expect(heights.measure(0, 50)).toBe(0);
  });
});
