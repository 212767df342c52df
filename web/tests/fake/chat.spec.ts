import type { Page } from '@playwright/test';
import { expect, overflow, test, violations } from '../harness';
import { makeAnswer, makeJob, makeMinutes, makeSegments, makeTone } from './data';
import type { FakeServer } from './server';

async function open(page: Page, fake: FakeServer) {
  const parts = { segments: makeSegments(60), versions: [makeMinutes()], audio: makeTone(300) };
  const job = fake.add(makeJob('Product team, weekly', 'COMPLETED'), parts);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await page.getByRole('button', { name: 'Chat', exact: true }).click();
  return page.getByRole('region', { name: 'Chat' });
}

const question = (page: Page) => page.getByRole('textbox', { name: 'Your question' });

test('an answer comes with times that play what was said, and is there after a reload', async ({ page, fake }) => {
  const chat = await open(page, fake);
  await expect(chat).toContainText('Ask about this meeting');
  await question(page).fill('Who reviews the budget?');
  await page.keyboard.press('Enter');
  await expect(chat.getByText('Who reviews the budget?')).toBeVisible();
  await expect(chat).toContainText('Maria reviews the budget by Friday');
  await expect(chat).toContainText('qwen3:14b through Ollama');
  await expect(chat).not.toContainText('[9]');
  await expect(question(page)).toBeFocused();
  await chat.getByRole('button', { name: '0:40, play what was said' }).click();
  await expect.poll(() => page.evaluate(() => document.querySelector('audio')?.paused)).toBe(false);
  await expect(page.getByRole('region', { name: 'Transcript' }).locator('.current')).toContainText('0:40');
  await page.reload();
  await page.getByRole('button', { name: 'Chat', exact: true }).click();
  await expect(chat).toContainText('Maria reviews the budget by Friday');
});

test('an answer streams, can be stopped, and its question comes back', async ({ page, fake }) => {
  fake.answer = () => makeAnswer().slice(0, 3);
  const chat = await open(page, fake);
  await question(page).fill('Who?');
  await chat.getByRole('button', { name: 'Ask' }).click();
  await expect(chat).toContainText('Maria reviews the');
  expect(fake.asking).toBe(1);
  await chat.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(() => fake.asking).toBe(0);
  await expect(chat).not.toContainText('Maria reviews the');
  await expect(question(page)).toHaveValue('Who?');
  await expect(chat.getByRole('alert')).toHaveCount(0);
});

test('whoever leaves the meeting stops the answer', async ({ page, fake }) => {
  fake.answer = () => makeAnswer().slice(0, 3);
  const chat = await open(page, fake);
  await question(page).fill('Who?');
  await page.keyboard.press('Enter');
  await expect(chat).toContainText('Maria');
  await page.goto(`${fake.url}#/`);
  await expect.poll(() => fake.asking).toBe(0);
});

test('what is wrong is said, and the question is not lost', async ({ page, fake }) => {
  fake.answer = () => [
    { type: 'chat_delta', text: 'It is' },
    { type: 'error', code: 'llm_unreachable', message: 'Ollama cannot be reached; start it.' },
  ];
  const chat = await open(page, fake);
  await question(page).fill('Who?');
  await page.keyboard.press('Enter');
  await expect(chat.getByRole('alert')).toHaveText('Ollama cannot be reached; start it.');
  await expect(question(page)).toHaveValue('Who?');
  fake.answer = () => makeAnswer({ text: 'Nobody knows.', segments: [] });
  await page.keyboard.press('Enter');
  await expect(chat.getByRole('alert')).toHaveCount(0);
  await expect(chat).toContainText('Nobody knows.');
  await expect(chat).toContainText('Names nothing that was said, so check it');
});

test('the chat is cleared after being asked whether to', async ({ page, fake }) => {
  const chat = await open(page, fake);
  await question(page).fill('Who?');
  await page.keyboard.press('Enter');
  await expect(chat).toContainText('Maria');
  await chat.getByRole('button', { name: 'Clear the chat' }).click();
  await chat.getByRole('button', { name: 'Keep them' }).click();
  await expect(chat).toContainText('Maria');
  await chat.getByRole('button', { name: 'Clear the chat' }).click();
  await chat.getByRole('button', { name: 'Forget them' }).click();
  await expect(chat).toContainText('Ask about this meeting');
  expect(fake.log.some((line) => /^DELETE .*\/chat$/.test(line))).toBe(true);
});

test('markup in questions and answers is shown and does nothing', async ({ page, fake }) => {
  const evil = '<img src=x onerror="document.title=1"> <script>document.title=2</script> **bold** [9]';
  fake.answer = () => makeAnswer({ text: evil, segments: [9] });
  const chat = await open(page, fake);
  await question(page).fill(evil);
  await page.keyboard.press('Enter');
  await expect(chat.locator('.answer')).toContainText('<img src=x onerror="document.title=1"> <script>');
  await expect(chat.locator('.question')).toHaveText(evil);
  expect(await chat.locator('img, script, b, strong').count()).toBe(0);
});

test('the chat fits a phone, meets WCAG AA in both lights, and speaks Korean', async ({ page, fake }) => {
  for (const [colorScheme, width] of [
    ['light', 390],
    ['dark', 1360],
  ] as const) {
    await page.setViewportSize({ width, height: 844 });
    await page.emulateMedia({ colorScheme });
    const chat = await open(page, fake);
    await question(page).fill('x'.repeat(200));
    await page.keyboard.press('Enter');
    await expect(chat).toContainText('qwen3:14b');
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
  }
  await page.evaluate(() => localStorage.setItem('seogi.locale', 'ko'));
  await page.reload();
  await page.getByRole('button', { name: '질문', exact: true }).click();
  await expect(page.getByRole('textbox', { name: '질문 입력' })).toBeVisible();
});
