import { readFileSync } from 'node:fs';
import { drop, expect, test } from '../harness';
import { Ollama } from './ollama';
import { Program } from './program';

/** Time that a minute of speech may take, in a debug build on a busy machine. */
const LONG = 300_000;

let program: Program;
let ollama: Ollama;
test.describe.configure({ mode: 'serial', timeout: 2 * LONG });
test.beforeAll(async () => {
  ollama = await Ollama.start();
  program = await Program.start(ollama.variables);
});
test.afterAll(async () => {
  await program?.stop();
  ollama?.stop();
});

test('minutes are read while they are written, others are asked for, and any is shown', async ({ page }) => {
  await page.goto(program.url);
  const body = readFileSync('../tests/ground-truth/audio/short_en.wav');
  await drop(page, [{ name: 'short_en.wav', body }]);
  await page.getByRole('link', { name: 'short_en', exact: true }).click({ timeout: 60_000 });
  const minutes = page.getByRole('region', { name: 'Minutes' });
  await expect(minutes).toContainText('Written by fake:1b through Ollama', { timeout: LONG });

  await expect(minutes).toContainText('100% of the speech');
  const item = minutes.getByRole('checkbox', { name: 'Action item for Laura' });
  await item.check();
  await expect(minutes).toContainText('1 of 1 done');

  ollama.held = true;
  await minutes.getByRole('button', { name: 'New version' }).click();
  const dialog = page.getByRole('dialog', { name: 'New version' });
  await dialog.getByLabel('Template').selectOption('Medical visit');
  await dialog.getByRole('button', { name: 'Write it' }).click();
  const draft = page.getByRole('region', { name: 'Being written' });
  await expect(draft).toContainText('•', { timeout: LONG });
  await expect(draft).not.toContainText('{');
  await expect(minutes.getByRole('heading', { name: 'Plan' })).toHaveCount(0);
  ollama.held = false;
  await expect(minutes.getByRole('heading', { name: 'Plan' })).toBeVisible({ timeout: LONG });
  await expect(draft).toHaveCount(0);

  await page.getByRole('combobox', { name: 'Version' }).selectOption('1');
  await page.getByRole('button', { name: 'Show this version from now on' }).click();
  await expect(page.getByText('Version 1 is shown from now on')).toBeVisible();
  await page.reload();
  await expect(minutes.getByRole('heading', { name: 'Key points' })).toBeVisible();
  await expect(minutes.getByRole('heading', { name: 'Plan' })).toHaveCount(0);
  await expect(item).toBeChecked();
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(page.getByLabel('Preview')).toContainText(`](${program.url}#/jobs/`);
});

test('an answer of a language model has times that play what was said', async ({ page }) => {
  await page.goto(program.url);
  await page.getByRole('link', { name: 'short_en', exact: true }).click();
  await page.getByRole('button', { name: 'Chat', exact: true }).click();
  const chat = page.getByRole('region', { name: 'Chat' });
  await chat.getByRole('button', { name: 'Who does what until when?' }).click();
  await expect(chat).toContainText('fake:1b through Ollama', { timeout: LONG });
  await expect(chat.locator('.answer p').first()).not.toContainText('[');
  await chat.getByRole('button', { name: '0:00, play what was said' }).click();
  await expect.poll(() => page.evaluate(() => document.querySelector('audio')?.paused)).toBe(false);
});

test('another page sees at once which version is chosen', async ({ page, context }) => {
  await page.goto(program.url);
  await page.getByRole('link', { name: 'short_en', exact: true }).click();
  const other = await context.newPage();
  await other.goto(page.url());
  const heading = other.getByRole('region', { name: 'Minutes' }).getByRole('heading', { name: 'Plan' });
  await expect(other.getByRole('combobox', { name: 'Version' })).toBeVisible();
  await expect(heading).toHaveCount(0);
  await page.getByRole('combobox', { name: 'Version' }).selectOption('2');
  await page.getByRole('button', { name: 'Show this version from now on' }).click();
  await expect(heading).toBeVisible();
});
