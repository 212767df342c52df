import { afterEach, expect, test, vi } from 'vitest';
import { askChat, Problem } from '../../src/api/client';
import { partsOf } from '../../src/meeting/chat.svelte';

afterEach(() => vi.unstubAllGlobals());

/** Lets the server answer with these bytes, in pieces of that many. */
function answers(text: string, size: number, status = 200) {
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, { status })));
}

const event = (type: string, rest: object = {}) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
const ask = (hear: (text: string | undefined) => void = () => undefined) =>
  askChat('x', 'Why?', hear, new AbortController().signal);

test('an answer is heard while it comes, and is what the server says in the end', async () => {
  const message = { number: 2, role: 'assistant', text: '네 [1]', segments: [1], created_at: 1 };
  const told =
    event('chat_delta', { text: '아니' }) +
    event('chat_restart') +
    ': alive\n\n' +
    event('chat_delta', { text: '네 ' }) +
    event('chat_delta', { text: '[1][7]' }) +
    event('chat_message', { message });
  for (const size of [1, 7, 1000]) {
    answers(told, size);
    const heard: (string | undefined)[] = [];
    expect(await ask((text) => heard.push(text))).toEqual(message);
    expect(heard).toEqual(['아니', undefined, '네 ', '[1][7]']);
  }
});

test('an answer that does not come is a problem', async () => {
  answers(event('error', { code: 'llm_timeout', message: 'Too slow.' }), 5);
  await expect(ask()).rejects.toEqual(new Problem(200, 'llm_timeout', 'Too slow.'));
  answers(event('chat_delta', { text: 'It' }), 5);
  await expect(ask()).rejects.toMatchObject({ code: 'unreachable' });
  answers('{"code":"too_many_chats","detail":"Later."}', 99, 429);
  await expect(ask()).rejects.toMatchObject({ status: 429, code: 'too_many_chats', message: 'Later.' });
});

test('citations of known segments are cut out of the words, and nothing else is', () => {
  expect(partsOf('On Friday [4]. Or later [5][6].', [4, 5, 6])).toEqual([
    { text: 'On Friday' },
    { segments: [4] },
    { text: '. Or later' },
    { segments: [5, 6] },
    { text: '.' },
  ]);
  expect(partsOf('[4] first', [4])).toEqual([{ segments: [4] }, { text: ' first' }]);
  expect(partsOf('<b>x</b> [9] [link](y)', [4])).toEqual([{ text: '<b>x</b> [9] [link](y)' }]);
  expect(partsOf('', [])).toEqual([]);
});
