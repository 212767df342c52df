import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '../harness';
import { Program } from './program';

/** More than the page sends in one request. */
const SIZE = 40 * 1024 * 1024;

let program: Program;
let folder: string;
test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seogi-resume-'));
  program = await Program.start();
});
test.afterAll(async () => {
  await program?.stop();
  rmSync(folder, { recursive: true, force: true });
});
test.use({ expected: /ERR_/ });

test('an upload goes on where it was when the server died', async ({ page, request }) => {
  test.setTimeout(240_000);
  const file = join(folder, 'long.wav');
  writeFileSync(file, Buffer.alloc(SIZE, 'no sound at all, but many bytes '));
  const offsets: number[] = [];
  await page.route('**/api/v1/uploads/*', async (route) => {
    if (route.request().method() !== 'PATCH') return route.continue();
    offsets.push(Number(route.request().headers()['upload-offset']));
    if (offsets.length === 2) {
      await program.kill();
      await route.abort('connectionfailed');
      await program.again();
    } else await route.continue();
  });
  await page.goto(program.url);
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Choose files' }).click(),
  ]);
  await chooser.setFiles(file);
  await expect(page.getByText('The connection was lost. It goes on by itself.')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('link', { name: 'long', exact: true })).toBeVisible({ timeout: 120_000 });
  expect(offsets.length).toBeGreaterThanOrEqual(3);
  expect(offsets[0]).toBe(0);
  expect(Math.min(...offsets.slice(1))).toBe(32 * 1024 * 1024);
  const { jobs } = (await (await request.get(`${program.url}api/v1/jobs`)).json()) as { jobs: { size_bytes: number }[] };
  expect(jobs.map(({ size_bytes }) => size_bytes)).toEqual([SIZE]);
});
