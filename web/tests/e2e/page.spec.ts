import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { drop, expect, overflow, test, violations } from '../harness';
import { Program, silence } from './program';

/** The recordings that the toy model understands. */
const audio = (name: string) => ({ name, body: readFileSync(`../tests/ground-truth/audio/${name}`) });
/** Time that a minute of speech may take, in a debug build on a busy machine. */
const LONG = 300_000;

let program: Program;
test.describe.configure({ mode: 'serial', timeout: 2 * LONG });
test.beforeAll(async () => (program = await Program.start()));
test.afterAll(() => program?.stop());

const row = (page: Page, title: string) => page.locator('li', { has: page.locator(`a:text-is("${title}")`) });
const transcript = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const minutes = (page: Page) => page.getByRole('region', { name: 'Minutes' });
const texts = (page: Page) => transcript(page).locator('.segment p').allTextContents();
const heard = (page: Page) => page.evaluate(() => document.querySelector('audio')?.currentTime ?? -1);

test('a recording that is dropped becomes text while one looks, also across a reload, and then minutes', async ({
  page,
}) => {
  await page.goto(program.url);
  await expect(page.getByRole('heading', { name: 'Drop a recording, read the meeting' })).toBeVisible();
  await drop(page, [{ ...audio('meeting_en.flac'), type: 'audio/flac' }]);
  await row(page, 'meeting_en').getByRole('link').click({ timeout: 30_000 });
  await expect(page.getByRole('region', { name: 'Progress' })).toBeVisible();
  await expect(transcript(page).getByText('Maria will review the budget by Friday.')).toBeVisible({ timeout: LONG });
  const before = await texts(page);
  await page.reload();
  await expect(transcript(page).getByRole('listitem').first()).toBeVisible();
  expect((await texts(page)).slice(0, before.length)).toEqual(before);

  await expect(minutes(page).getByRole('heading').first()).toBeVisible();
  await expect(minutes(page)).toContainText('no language model was used', { timeout: LONG });
  await expect(page.getByRole('region', { name: 'Progress' })).toHaveCount(0);
  await expect(page.getByText('Model toy')).toBeVisible();
  const watched = await texts(page);
  await page.reload();
  await expect(minutes(page)).toContainText('no language model was used');
  expect(await texts(page)).toEqual(watched);
  expect(watched.length).toBeGreaterThan(8);
});

test('what bears a point out is played, and the text goes along', async ({ page }) => {
  await page.goto(program.url);
  await row(page, 'meeting_en').getByRole('link').click();
  const chip = minutes(page)
    .getByRole('button', { name: /play what was said/ })
    .last();
  const [, at = ''] = /^(\d+:\d+)/.exec((await chip.textContent()) ?? '') ?? [];
  await chip.click();
  await expect.poll(() => page.evaluate(() => document.querySelector('audio')?.paused)).toBe(false);
  const [minute = 0, second = 0] = at.split(':').map(Number);
  const start = minute * 60 + second;
  await expect.poll(() => heard(page)).toBeGreaterThan(start + 0.5);
  expect(await heard(page)).toBeLessThan(start + 30);
  await expect(transcript(page).locator('.current')).toBeInViewport();
  await page.keyboard.press('k');
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await page.keyboard.press('j');
  await expect.poll(() => heard(page)).toBeLessThan(start + 0.1);
});

test('a word that is clicked is heard, also after another segment was deleted and came back', async ({ page }) => {
  await page.goto(program.url);
  await row(page, 'meeting_en').getByRole('link').click();
  const word = transcript(page).locator('.word').getByText('budget', { exact: true }).first();
  await word.click();
  await expect.poll(() => heard(page)).toBeGreaterThan(1.5);
  expect(await heard(page)).toBeLessThan(4);
  await page.keyboard.press('k');
  const second = transcript(page).locator('[data-index="1"]');
  const said = (await second.locator('p').textContent()) ?? '';
  await second.hover();
  await second.getByRole('button', { name: /^Actions for/ }).click();
  await page.getByRole('menuitem', { name: 'Delete this segment' }).click();
  await expect(second.locator('p')).not.toHaveText(said);
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(second.locator('p')).toHaveText(said);
  await second.locator('.word').last().click();
  await expect.poll(() => heard(page)).toBeGreaterThan(4);
});

test('the first load is small', async ({ page }) => {
  const browser = await page.context().newCDPSession(page);
  await browser.send('Network.enable');
  let bytes = 0;
  browser.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  await page.goto(program.url, { waitUntil: 'networkidle' });
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(300_000);
});

test('a segment is edited and the edit undone, and what stands is there after a reload', async ({ page }) => {
  await page.goto(program.url);
  await row(page, 'meeting_en').getByRole('link').click();
  await expect(page.locator('.player canvas')).toBeVisible();
  const first = transcript(page).locator('[data-index="0"]');
  const said = (await first.locator('p').textContent()) ?? '';
  const write = async (words: string) => {
    await first.locator('p').dblclick();
    await page.getByRole('textbox', { name: 'Words of this segment' }).fill(words);
    await page.keyboard.press('Enter');
    await expect(first).toContainText(words);
  };
  await write('Written <b>by hand</b>.');
  await expect(minutes(page)).toContainText('The transcript was edited after these minutes were written.');
  await page.reload();
  await expect(first).toContainText('Written <b>by hand</b>.');
  await write('Written again.');
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect(first).toContainText('Written <b>by hand</b>.');
  await page.keyboard.press('Control+z');
  await expect(first.locator('p')).toHaveText(said);
  await page.reload();
  await expect(first.locator('p')).toHaveText(said);
  await expect(minutes(page).getByRole('heading').first()).toBeVisible();
  await expect(minutes(page)).not.toContainText('The transcript was edited');
});

test('a meeting is asked about, and without a language model it is quoted', async ({ page }) => {
  await page.goto(program.url);
  await row(page, 'meeting_en').getByRole('link').click();
  await page.getByRole('button', { name: 'Chat', exact: true }).click();
  const chat = page.getByRole('region', { name: 'Chat' });
  await chat.getByRole('textbox', { name: 'Your question' }).fill('Who will review the budget?');
  await page.keyboard.press('Enter');
  await expect(chat).toContainText('“Maria will review the budget by Friday.”');
  await expect(chat).toContainText('no language model was used');
  await chat.getByRole('button', { name: /play what was said/ }).first().click();
  await expect.poll(() => page.evaluate(() => document.querySelector('audio')?.paused)).toBe(false);
  expect(await violations(page)).toEqual([]);
  await page.reload();
  await page.getByRole('button', { name: 'Chat', exact: true }).click();
  await expect(chat).toContainText('“Maria will review the budget by Friday.”');
});

test('two recordings go at once, and one that is silent fails with its reason', async ({ page }) => {
  await page.goto(program.url);
  await drop(page, [audio('short_en.wav'), { name: 'silence.wav', body: silence(3) }]);
  const failed = row(page, 'silence');
  await expect(failed).toContainText('Failed', { timeout: LONG });
  await expect(row(page, 'short_en')).toContainText(/0:0\d/, { timeout: LONG });
  await expect(row(page, 'short_en').locator('.badge')).toHaveCount(0, { timeout: LONG });
  await failed.getByRole('link').click();
  await expect(page.getByRole('alert')).toContainText('This recording could not be transcribed');
  await expect(page.getByRole('alert')).toContainText('no_speech');
  expect(await violations(page)).toEqual([]);
  const retried = page.waitForResponse((answer) => answer.url().endsWith('/retry'));
  await page.getByRole('button', { name: 'Try again' }).click();
  expect((await retried).ok()).toBe(true);
  await expect(page.getByRole('alert')).toContainText('no_speech', { timeout: LONG });
});

test('the library is searched by what was said, and its recordings renamed and deleted', async ({ page }) => {
  await page.goto(program.url);
  await page.getByRole('textbox', { name: 'Search titles and what was said' }).fill('REVIEW the budget');
  await expect(row(page, 'silence')).toHaveCount(0);
  await expect(row(page, 'meeting_en')).toBeVisible();
  await page.getByRole('button', { name: 'Clear the search' }).click();
  await page.getByRole('button', { name: 'Actions for short_en' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByLabel('New title').fill('<i>짧은</i> 회의');
  await page.keyboard.press('Enter');
  await page.reload();
  await expect(row(page, '<i>짧은</i> 회의')).toBeVisible();
  await page.getByRole('button', { name: 'Actions for silence' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(row(page, 'silence')).toHaveCount(0);
  await page.goto('about:blank');
  await page.goto(program.url);
  await expect(row(page, 'meeting_en')).toBeVisible();
  // The new page may have asked before the old one's last word arrived; it asks again every ten seconds.
  await expect(row(page, 'silence')).toHaveCount(0, { timeout: 30_000 });
});

test('every form of the text is exported', async ({ page }) => {
  await page.goto(program.url);
  await row(page, 'meeting_en').getByRole('link').click();
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const preview = page.getByLabel('Preview');
  await expect(preview).toContainText('## Action items');
  for (const [name, sign] of [
    ['Plain text', 'Maria'],
    ['Subtitles (SRT)', ' --> 00:00:'],
    ['Subtitles (WebVTT)', 'WEBVTT'],
    ['Data (JSON)', '"segments"'],
  ] as const) {
    await page.getByText(name, { exact: true }).click();
    await expect(preview).toContainText(sign);
  }
});

test('a recording is cancelled while it is worked on, and goes on when it is asked to', async ({ page }) => {
  await page.goto(program.url);
  await drop(page, [{ ...audio('meeting_en.mp3'), name: 'second.mp3' }]);
  const second = row(page, 'second');
  await expect(second.locator('.badge')).toHaveText(/Preparing|Transcribing/, { timeout: LONG });
  await page.getByRole('button', { name: 'Actions for second' }).click();
  await page.getByRole('menuitem', { name: 'Cancel' }).click();
  await expect(second).toContainText('Cancelled');
  await second.getByRole('button', { name: 'Try again' }).click();
  await expect(second.locator('.badge')).toHaveText(/Waiting|Preparing|Transcribing/);
  await expect(second.locator('.badge')).toHaveCount(0, { timeout: LONG });
});

test('the page fits a phone and meets WCAG AA in both lights', async ({ page }) => {
  for (const [colorScheme, width] of [
    ['light', 390],
    ['dark', 390],
    ['light', 1360],
    ['dark', 1360],
  ] as const) {
    await page.setViewportSize({ width, height: 844 });
    await page.emulateMedia({ colorScheme });
    await page.goto(program.url);
    await expect(row(page, 'meeting_en').last()).toBeVisible();
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    await row(page, 'meeting_en').last().getByRole('link').click();
    await expect(minutes(page)).toContainText('no language model was used');
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
  }
});

test('the page is sent with a strict policy, and its parts for ever', async ({ request }) => {
  const page = await request.get(program.url);
  const policy = page.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'self'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(page.headers()['cache-control']).toBe('no-cache');
  const part = /\.\/(assets\/[\w.-]+\.js)/.exec(await page.text())?.[1];
  const script = await request.get(`${program.url}${part}`);
  expect(script.headers()['content-type']).toContain('text/javascript');
  expect(script.headers()['cache-control']).toContain('immutable');
});
