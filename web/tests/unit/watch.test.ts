import { describe, expect, it } from 'vitest';
import type { JobEvent } from '../../src/api/types';
import { watch, type Connection } from '../../src/api/watch';

const segment = (n: number): JobEvent => ({
  type: 'transcript_segment',
  segment_number: n,
  start: n,
  end: n + 1,
  text: `Text ${n}`,
  status: 'PROCESSING',
});
const error = (status: 'FAILED' | 'PROCESSING'): JobEvent => ({ type: 'error', code: 'x', message: 'X.', status });
const frame = (event: JobEvent, id?: number) =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(event)}\n\n`;
const answer =
  (...frames: string[]) =>
  () =>
    new Response(frames.join(''), { status: 200 });

/** Watches with these answers, one for each connection. */
async function run(answers: (() => Response)[], since = 0) {
  const asked: (string | null)[] = [];
  const waits: number[] = [];
  const events: JobEvent[] = [];
  const states: Connection[] = [];
  const life = new AbortController();
  await watch({
    url: 'events',
    since,
    signal: life.signal,
    onEvent: (event) => events.push(event),
    onConnection: (state) => states.push(state),
    fetch: (_, init) => {
      asked.push(new Headers(init?.headers).get('Last-Event-ID'));
      const next = answers.shift();
      if (!next) life.abort();
      return next ? Promise.resolve(next()) : Promise.reject(new Error('no more'));
    },
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });
  return { asked, waits, events, states };
}

describe('watching a job', () => {
  it('goes on after the last event when the connection breaks, without gap or repeat', async () => {
    const { asked, events, states } = await run([
      answer(frame(segment(1), 1), frame(segment(2), 2), 'id: 3\ndata: {"cut'),
      // The server may repeat what it is not sure about.
      answer(frame(segment(2), 2), frame(segment(3), 3)),
      answer(frame(error('FAILED'), 4)),
    ]);
    expect(asked).toEqual([null, '2', '3']);
    expect(events).toEqual([segment(1), segment(2), segment(3), error('FAILED')]);
    expect(states).toEqual(['connecting', 'live', 'lost', 'live', 'lost', 'live', 'ended']);
  });

  it('begins after what is known already', async () => {
    const { asked, events } = await run([answer(frame(segment(5), 5), frame(error('FAILED'), 6))], 4);
    expect(asked).toEqual(['4']);
    expect(events).toHaveLength(2);
  });

  it('does not end with an error that did not end the job', async () => {
    const { events, states } = await run([
      answer(frame(error('PROCESSING'), 1), frame(segment(1), 2), frame(error('FAILED'), 3)),
    ]);
    expect(events.map(({ type }) => type)).toEqual(['error', 'transcript_segment', 'error']);
    expect(states.at(-1)).toBe('ended');
  });

  it('hands on progress, which has no number', async () => {
    const progress: JobEvent = {
      type: 'progress',
      stage: 'transcribing',
      progress: 0.5,
      eta_seconds: null,
      queue_position: null,
    };
    const { events } = await run([
      answer(frame(segment(1), 1), frame(progress), frame(progress), frame(error('FAILED'), 2)),
    ]);
    expect(events).toHaveLength(4);
  });

  it('waits longer each time nothing is heard, and starts over when something is', async () => {
    const silence = () => new Response('', { status: 503 });
    const { waits } = await run([
      silence,
      silence,
      silence,
      answer(frame(segment(1), 1)),
      silence,
      answer(frame(error('FAILED'), 2)),
    ]);
    expect(waits).toEqual([500, 1000, 2000, 500, 1000]);
  });

  it('ends when there is no such job', async () => {
    const { states, asked } = await run([() => new Response('{}', { status: 404 })]);
    expect(asked).toHaveLength(1);
    expect(states.at(-1)).toBe('ended');
  });

  it('is not stopped by an event that it does not understand', async () => {
    const { events } = await run([answer('id: 1\ndata: {broken\n\n', frame(error('FAILED'), 2))]);
    expect(events).toEqual([error('FAILED')]);
  });
});
