import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { flags } from '../../playwright.config';
import { expect, test, violations } from '../harness';
import { Program } from './program';

/** Time that a few seconds of speech may take, in a debug build on a busy machine. */
const LONG = 300_000;
/** Seconds that the recording takes to say its sentences. */
const SPOKEN = 8;

let program: Program;
test.describe.configure({ mode: 'serial', timeout: 2 * LONG });
test.use({
  permissions: ['microphone'],
  // A microphone that hears the recording, once.
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...flags,
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${resolve('../tests/ground-truth/audio/short_en.wav')}%noloop`,
    ],
  },
});
test.beforeAll(async () => (program = await Program.start()));
test.afterAll(() => program?.stop());

const transcript = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const elapsed = (page: Page) =>
  page.locator('.time').evaluate((time) => {
    const [minutes = 0, seconds = 0] = (/(\d+):(\d+)$/.exec(time.textContent ?? '') ?? []).slice(1).map(Number);
    return minutes * 60 + seconds;
  });

async function begin(page: Page) {
  await page.goto(program.url);
  await page.getByRole('link', { name: 'Record' }).click();
  await page.getByRole('button', { name: 'Start recording' }).click();
  await expect(page.getByRole('button', { name: 'Stop and save' })).toBeVisible();
}

test('what the microphone hears becomes a recording that is read', async ({ page }) => {
  await begin(page);
  // It is on its way to the server while it is being made.
  await expect(page.getByText(/[1-9].* on the server/)).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('meter', { name: 'Loudness' })).toBeVisible();
  await page.getByLabel('Title').fill('구두 회의');
  expect(await violations(page)).toEqual([]);
  await expect.poll(() => elapsed(page), { timeout: 60_000 }).toBeGreaterThan(SPOKEN);
  await page.getByRole('button', { name: 'Stop and save' }).click();
  await page.getByRole('link', { name: 'Open it' }).click({ timeout: 30_000 });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('구두 회의');
  await expect(transcript(page)).toContainText('Action item for Laura', { timeout: LONG });
});

test('a tab that was closed loses nothing, and neither does a server that was away', async ({ page, context }) => {
  await begin(page);
  await expect(page.getByText(/[1-9].* on the server/)).toBeVisible({ timeout: 30_000 });
  await expect.poll(() => elapsed(page), { timeout: 60_000 }).toBeGreaterThan(SPOKEN);
  await page.close({ runBeforeUnload: false });
  const next = await context.newPage();
  await next.goto(program.url);
  const left = next.getByRole('region', { name: 'A recording was not finished' });
  await expect(left).toContainText(/Recording, .* sec/);
  await program.kill();
  await left.getByRole('button', { name: 'Save it' }).click();
  await expect(left).toContainText('The recording is safe in this browser', { timeout: 30_000 });
  await program.again();
  await expect(left).toHaveCount(0, { timeout: 60_000 });
  await next.getByRole('link', { name: /^Recording, / }).first().click();
  await expect(transcript(next)).toContainText('Laura', { timeout: LONG });
  await next.goto(program.url);
  await expect(left).toHaveCount(0);
});
