import { readFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { drop } from '../harness';
import { Program, silence } from '../e2e/program';

// Pictures of the real program for the README, into docs/images.

const IMAGES = '../docs/images';
const LONG = 300_000;
const audio = (name: string) => readFileSync(`../assets/audio/${name}`);
const row = (page: Page, title: string) => page.locator('li', { has: page.locator(`a:text-is("${title}")`) });
const finished = (page: Page, title: string) =>
  expect(row(page, title).locator('.badge')).toHaveCount(0, { timeout: LONG });

/** A picture of what is there when all has come to rest; what is playing goes on. */
async function picture(page: Page, name: string) {
  await page.mouse.move(1230, 400);
  await page.waitForTimeout(700);
  await page.screenshot({ path: `${IMAGES}/${name}.png` });
}

let program: Program;
test.describe.configure({ mode: 'serial', timeout: 3 * LONG });
test.beforeAll(async () => (program = await Program.start()));
test.afterAll(() => program?.stop());
test.use({ viewport: { width: 1240, height: 780 }, deviceScaleFactor: 1.5 });

test('a library, a meeting and a recording that is worked on', async ({ page }) => {
  await page.goto(program.url);
  const recordings = [
    { name: 'Interview, second part.wav', body: audio('stereo_44k.wav') },
    { name: 'Kitchen radio.wav', body: silence(4) },
    { name: 'Product team, Monday.flac', body: audio('meeting_en.flac') },
  ];
  for (const recording of recordings) {
    await drop(page, [recording]);
    const title = recording.name.replace(/\.\w+$/, '');
    await expect(row(page, title)).toBeVisible();
    if (title === 'Kitchen radio') await expect(row(page, title)).toContainText('Failed', { timeout: LONG });
    else await finished(page, title);
  }
  await row(page, 'Product team, Monday').getByRole('link').click();
  const minutes = page.getByRole('region', { name: 'Minutes' });
  await minutes
    .getByRole('button', { name: /play what was said/ })
    .nth(2)
    .click();
  await expect.poll(() => page.evaluate(() => document.querySelector('audio')?.paused)).toBe(false);
  await picture(page, 'meeting');

  await page.goto(program.url);
  await drop(page, [{ name: '제품팀 주간 회의.ogg', body: audio('meeting_ko.ogg') }]);
  const link = row(page, '제품팀 주간 회의').getByRole('link');
  await link.click();
  await expect(page.locator('.segment').nth(2)).toBeVisible({ timeout: LONG });
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, 'live');

  for (const [title, name] of [
    ['Standup', 'meeting_en.mp3'],
    ['Retrospective', 'meeting_en.m4a'],
  ] as const) {
    const file = { name, mimeType: 'audio/mpeg', buffer: audio(name) };
    await page.request.post(`${program.url}api/v1/jobs`, { multipart: { title, file } });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(program.url);
  await expect(row(page, 'Retrospective')).toBeVisible();
  await expect(page.locator('.badge.PROCESSING').first()).toBeVisible({ timeout: LONG });
  await picture(page, 'library');
});
