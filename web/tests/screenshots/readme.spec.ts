import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test, type APIRequestContext, type Page } from '@playwright/test';
import { Program, silence } from '../e2e/program';

// Pictures of the real program for the README, into docs/images, light and dark.

const IMAGES = '../docs/images';
const LONG = 300_000;
const audio = (name: string) => readFileSync(`../tests/ground-truth/audio/${name}`);

let program: Program;
test.describe.configure({ mode: 'serial', timeout: 3 * LONG });
test.beforeAll(async () => (program = await Program.start()));
test.afterAll(() => program?.stop());
test.use({ viewport: { width: 1240, height: 780 }, deviceScaleFactor: 1.5 });

/** Pictures of what is there when all has come to rest, with 128 colours; what is worked on goes on. */
async function picture(page: Page, name: string) {
  await page.mouse.move(1238, 2);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(700);
    const path = `${IMAGES}/${name}${colorScheme === 'dark' ? '-dark' : ''}.png`;
    const input = await page.screenshot();
    const reduced = '[0]split[a][b];[a]palettegen=max_colors=128[p];[b][p]paletteuse=dither=none';
    const options = ['-v', 'error', '-y', '-f', 'image2pipe', '-i', '-', '-filter_complex', reduced, path];
    execFileSync('ffmpeg', options, { input });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

async function upload(request: APIRequestContext, title: string, buffer: Buffer, tags: string[] = []): Promise<string> {
  const file = { name: `${title}.audio`, mimeType: 'audio/flac', buffer };
  const answer = await request.post(`${program.url}api/v1/jobs`, { multipart: { title, file } });
  const { job_id } = (await answer.json()) as { job_id: string };
  await request.patch(`${program.url}api/v1/jobs/${job_id}`, { data: { tags } });
  return job_id;
}

const look = async (request: APIRequestContext, id: string) =>
  (await (await request.get(`${program.url}api/v1/jobs/${id}`)).json()) as { status: string; segment_count: number };

const finished = (request: APIRequestContext, id: string) =>
  expect.poll(async () => (await look(request, id)).status, { timeout: LONG }).toMatch(/COMPLETED|FAILED/);

/** Says who speaks, as a person would who reads the transcript. */
async function nameSpeakers(request: APIRequestContext, id: string) {
  const { segment_count } = await look(request, id);
  const names = ['Maria', 'Maria', 'Jonas', 'Ida', 'Ida', 'Jonas'];
  for (let revision = 0; revision < segment_count; revision += 1) {
    const data = { revision, speaker: names[revision % names.length] };
    await request.patch(`${program.url}api/v1/jobs/${id}/segments/${revision + 1}`, { data });
  }
  await request.post(`${program.url}api/v1/jobs/${id}/summaries`, { data: {} });
  await finished(request, id);
}

test('a library, a meeting and a recording that is worked on', async ({ page, request }) => {
  for (const [title, sound, tags] of [
    ['Interview, second part', audio('stereo_44k.wav'), ['research']],
    ['Kitchen radio', silence(4), []],
    ['주간 제품 회의', audio('meeting_ko.ogg'), ['product', 'weekly']],
  ] as const) {
    await finished(request, await upload(request, title, sound, [...tags]));
  }
  const meeting = await upload(request, 'Product team, Monday', audio('meeting_en.flac'), ['product', 'weekly']);
  await finished(request, meeting);
  await nameSpeakers(request, meeting);

  await page.goto(`${program.url}#/jobs/${meeting}`);
  await expect(page.locator('.word').first()).toBeVisible();
  await page.locator('.segment .word').getByText('survey', { exact: true }).first().click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.keyboard.press('Shift+ArrowLeft');
  await picture(page, 'meeting');

  const running = await upload(request, 'Standup', audio('meeting_en.mp3'), ['weekly']);
  for (const [title, name] of [
    ['Retrospective', 'meeting_en.m4a'],
    ['Supplier call', 'meeting_en.webm'],
  ] as const) {
    await upload(request, title, audio(name));
  }
  await page.goto(`${program.url}#/jobs/${running}`);
  await expect(page.locator('.segment').nth(4)).toBeVisible({ timeout: LONG });
  await picture(page, 'live');
  await page.goto(`${program.url}#/`);
  await expect(page.locator('.badge.PROCESSING').first()).toBeVisible({ timeout: LONG });
  await picture(page, 'library');
});
