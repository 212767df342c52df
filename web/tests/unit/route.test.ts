import { describe, expect, it } from 'vitest';
import { meetingHash, parseRoute } from '../../src/shell/routes';

describe('addresses', () => {
  it('lead to a meeting, to a moment in it, or home', () => {
    expect(parseRoute('#/jobs/01a1-f8')).toEqual({ view: 'meeting', id: '01a1-f8', at: undefined });
    expect(parseRoute('#/jobs/01a1?t=12.3')).toEqual({ view: 'meeting', id: '01a1', at: 12.3 });
    expect(parseRoute('#/jobs/01a1?t=x')).toEqual({ view: 'meeting', id: '01a1', at: undefined });
    expect(parseRoute('#/admin')).toEqual({ view: 'admin' });
    expect(parseRoute('#/record')).toEqual({ view: 'record' });
    for (const hash of ['', '#', '#/', '#/jobs/', '#/jobs/a/b', '#/nothing', '#/jobs/<script>']) {
      expect(parseRoute(hash), hash).toEqual({ view: 'home' });
    }
  });

  it('are read as they were written', () => {
    expect(parseRoute(meetingHash('01a1', 12.34))).toEqual({ view: 'meeting', id: '01a1', at: 12.3 });
    expect(meetingHash('01a1', 0)).toBe('#/jobs/01a1?t=0');
  });
});
