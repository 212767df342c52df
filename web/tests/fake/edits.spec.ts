import type { Page } from '@playwright/test';
import { expect, overflow, test, violations } from '../harness';
import { makeJob, makeMinutes, makePeaks, makeSegments } from './data';
import type { FakeServer } from './server';

function meeting(fake: FakeServer, count = 60) {
  const segments = makeSegments(count).map((segment, at) => ({ ...segment, speaker: at % 4 < 2 ? 'Ida' : 'Jonas' }));
  return fake.add(makeJob('Product team, weekly', 'COMPLETED'), {
    segments,
    versions: [makeMinutes()],
    peaks: makePeaks(),
  });
}

const transcript = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const row = (page: Page, place: number) => transcript(page).locator(`[data-index="${place}"]`);
const editor = (page: Page) => page.getByRole('textbox', { name: 'Words of this segment' });

test.describe('the keyboard alone', () => {
  // The last undo has nothing to undo, which the browser notes.
  test.use({ expected: /status of 409/ });

  test('edits, splits, merges, undoes and redoes', async ({ page, fake }) => {
    const job = meeting(fake);
    await page.goto(`${fake.url}#/jobs/${job.job_id}`);
    await row(page, 1).getByRole('button', { name: /play/ }).focus();
    await page.keyboard.press('e');
    await expect(editor(page)).toBeFocused();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('First half. Second half.');
    await page.keyboard.press('Enter');
    await expect(row(page, 1)).toContainText('First half. Second half.');
    await expect(row(page, 1)).toContainText('edited');
    await expect(row(page, 1).getByRole('button', { name: /play/ })).toBeFocused();

    await page.keyboard.press('e');
    for (let n = 0; n < 'Second half.'.length; n += 1) await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Control+Enter');
    await expect(row(page, 1).locator('p')).toContainText('First half.');
    await expect(row(page, 2).locator('p')).toContainText('Second half.');
    await expect(row(page, 1).getByRole('button', { name: /play/ })).toBeFocused();

    await page.keyboard.press('e');
    await page.getByRole('button', { name: 'Merge with the next' }).press('Enter');
    await expect(row(page, 1)).toContainText('First half. Second half.');
    for (let n = 0; n < 3; n += 1) await page.keyboard.press('Control+z');
    await expect(row(page, 1)).toContainText('The survey came back on Monday');
    await page.keyboard.press('Control+z');
    await expect(page.getByText('There is nothing to undo.')).toBeVisible();
    await page.keyboard.press('Control+Shift+z');
    await expect(row(page, 1)).toContainText('First half. Second half.');
    await page.reload();
    await expect(row(page, 1)).toContainText('First half. Second half.');
    await page.getByRole('button', { name: 'Actions for 0:05' }).click();
    await page.getByRole('menuitem', { name: 'As it was recognised' }).click();
    await expect(page.getByRole('dialog')).toContainText('The survey came back on Monday');
  });
});

test('a segment is deleted and comes back', async ({ page, fake }) => {
  const job = meeting(fake);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await row(page, 1).hover();
  await row(page, 1).getByRole('button', { name: 'Actions for 0:05' }).click();
  await page.getByRole('menuitem', { name: 'Delete this segment' }).click();
  await expect(row(page, 1)).toContainText('Most of them want the export');
  await expect(page.getByText('Segment deleted')).toBeVisible();
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(row(page, 1)).toContainText('The survey came back on Monday');
  await expect(row(page, 2)).toContainText('Most of them want the export');
});

test('edits of others appear at once, and one of the same segment is shown as a conflict', async ({ page, fake }) => {
  const job = meeting(fake);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await row(page, 0).locator('p').dblclick();
  await expect(editor(page)).toBeFocused();
  const theirs = async (number: number, text: string) => {
    const revision = fake.records.get(job.job_id)!.job.transcript_revision;
    await fetch(`${fake.url}api/v1/jobs/${job.job_id}/segments/${number}`, {
      method: 'PATCH',
      body: JSON.stringify({ revision, text }),
    });
  };
  await theirs(3, 'Theirs, elsewhere.');
  await expect(row(page, 2)).toContainText('Theirs, elsewhere.');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await theirs(1, 'Theirs, here.');
  await expect(page.getByRole('alert')).toContainText('Theirs, here.');
  await editor(page).fill('Mine.');
  await page.keyboard.press('Enter');
  await expect(row(page, 0)).toContainText('Mine.');
});

test('who speaks is set once or renamed everywhere', async ({ page, fake }) => {
  const job = meeting(fake);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await row(page, 0).getByRole('button', { name: 'Who speaks: Ida. Change it' }).click();
  const dialog = page.getByRole('dialog', { name: 'Who speaks' });
  await dialog.getByRole('combobox', { name: 'Name' }).fill('<b>Ida</b>');
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await expect(transcript(page).getByRole('button', { name: 'Who speaks: <b>Ida</b>. Change it' }).nth(1)).toBeVisible();
  await expect(transcript(page).getByText('Ida', { exact: true })).toHaveCount(0);
  await row(page, 0).getByRole('button', { name: /Who speaks/ }).click();
  await dialog.getByRole('combobox', { name: 'Name' }).fill('Jonas');
  await dialog.getByRole('radio', { name: 'In this segment only' }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(row(page, 0)).toContainText('Jonas');
  await expect(row(page, 1)).toContainText('<b>Ida</b>');
});

test('the waveform is drawn, heard where it is clicked, and fits a phone', async ({ page, fake }) => {
  const job = meeting(fake, 500);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  const canvas = page.locator('.player canvas');
  await expect(canvas).toBeVisible();
  await expect.poll(() => canvas.getAttribute('data-bars').then(Number)).toBeGreaterThan(100);
  const painted = () =>
    canvas.evaluate((element: HTMLCanvasElement) => {
      const { data } = element.getContext('2d')!.getImageData(0, 0, element.width, element.height);
      return new Set(Array.from({ length: data.length / 4 }, (_, at) => data.slice(at * 4, at * 4 + 3).join())).size;
    });
  expect(await painted()).toBeGreaterThan(2);
  await page.setViewportSize({ width: 375, height: 740 });
  await expect.poll(() => overflow(page)).toBeLessThanOrEqual(0);
  await expect.poll(() => canvas.getAttribute('data-bars').then(Number)).toBeLessThan(130);
});

test('5,000 segments are edited as quickly as few', async ({ page, fake }) => {
  const job = meeting(fake, 5000);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await row(page, 0).getByRole('button', { name: /play/ }).focus();
  await page.keyboard.press('End');
  await expect(row(page, 4999).getByRole('button', { name: /play/ })).toBeFocused();
  await page.keyboard.press('e');
  await editor(page).fill('Far down.');
  await page.keyboard.press('Enter');
  await expect(row(page, 4999)).toContainText('Far down.');
  expect(await transcript(page).getByRole('listitem').count()).toBeLessThan(60);
});

test('nothing is edited while the text is still coming', async ({ page, fake }) => {
  const job = fake.add(makeJob('Running', 'PROCESSING'), { segments: makeSegments(5) });
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await row(page, 0).locator('p').dblclick();
  await page.keyboard.press('e');
  await expect(editor(page)).toHaveCount(0);
});
