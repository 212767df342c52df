import { describe, expect, it } from 'vitest';
import { SseParser } from '../../src/api/sse';

const whole =
  ': hello\n\nevent: status\nid: 1\ndata: {"a":1}\n\ndata: two\ndata:  lines\n\nid: 7\r\nevent: x\r\ndata: é한\r\n\r\n';
const expected = [
  { event: 'status', id: '1', data: '{"a":1}' },
  { event: 'message', data: 'two\n lines' },
  { event: 'x', id: '7', data: 'é한' },
];

describe('a stream of events', () => {
  it('is read the same however it is cut', () => {
    for (let size = 1; size <= whole.length; size += 1) {
      const parser = new SseParser();
      const read = [];
      for (let at = 0; at < whole.length; at += size) read.push(...parser.push(whole.slice(at, at + size)));
      expect(read, `in pieces of ${size}`).toEqual(expected);
    }
  });

  it('gives nothing for comments, for ids alone and for what is not finished', () => {
    const parser = new SseParser();
    expect(parser.push(': keep-alive\n\nid: 3\n\nretry: 10\n\ndata: unfinished\n')).toEqual([]);
    expect(parser.push('\n')).toEqual([{ event: 'message', data: 'unfinished' }]);
  });

  it('understands a lone carriage return as the end of a line', () => {
    expect(new SseParser().push('data: a\rdata: b\r\rdata: c')).toEqual([{ event: 'message', data: 'a\nb' }]);
  });

  it('takes no id that has a NUL in it', () => {
    expect(new SseParser().push('id: 1\0\ndata: a\n\n')).toEqual([{ event: 'message', data: 'a' }]);
  });
});
