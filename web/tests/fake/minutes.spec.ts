import { expect, test, violations } from '../harness';
import type { FakeServer } from './server';
import { makeJob, makeMinutes, makeSegments } from './data';

function meeting(fake: FakeServer, change = {}) {
  const versions = [makeMinutes({ version: 1, title: 'The first', ...change })];
  return fake.add(makeJob('Call', 'COMPLETED'), { segments: makeSegments(20), versions });
}

test('another version is asked for, read while it is written, and shown', async ({ page, fake }) => {
  const job = meeting(fake);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  const minutes = page.getByRole('region', { name: 'Minutes' });
  await minutes.getByRole('button', { name: 'New version' }).click();
  const dialog = page.getByRole('dialog', { name: 'New version' });
  await expect(dialog.getByLabel('Template')).toContainText('As the server is set (General meeting)');
  await dialog.getByLabel('Template').selectOption('Medical visit');
  await dialog.getByLabel('Language of the minutes').selectOption('Korean');
  await dialog.getByLabel('Length').selectOption('Short');
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Write it' }).click();
  await expect(dialog).toHaveCount(0);
  expect(fake.wishes).toEqual([{ template: 'medical', language: 'ko', length: 'short' }]);
  await expect.poll(() => fake.openStreams()).toBe(1);

  // What was there stays, and the new one is read as it comes.
  await expect(minutes.getByRole('heading', { name: 'The first' })).toBeVisible();
  const delta = (part: number, at: number, text: string) =>
    fake.tell(job.job_id, { type: 'summary_delta', part, at, text });
  delta(1, 0, '<b>Knee');
  delta(1, 7, ' pain\n• It hurts');
  const draft = minutes.getByRole('region', { name: 'Being written' });
  await expect(draft).toContainText('<b>Knee pain');
  await expect(draft).toContainText('• It hurts');
  await expect(draft).toContainText('not yet checked');
  delta(2, 0, 'Anew');
  await expect(draft).not.toContainText('Knee');
  expect(await violations(page)).toEqual([]);

  const complaint = [{ text: 'It hurts since Monday', owner: 'Ann', due: null, segments: [3] }];
  const second = makeMinutes({ version: 2, title: 'The second', template: 'medical', ...{ complaint, mood_today: 'Good.' } });
  fake.tell(job.job_id, { type: 'final_summary', summary: second, segment_count: 20, status: 'COMPLETED' });
  await expect(minutes.getByRole('heading', { name: 'The second' })).toBeVisible();
  await expect(draft).toHaveCount(0);
  await expect(minutes.getByRole('heading', { name: 'Complaint' })).toBeVisible();
  await expect(minutes.getByRole('heading', { name: 'Mood today' })).toBeVisible();
  const entry = minutes.getByRole('listitem').filter({ hasText: 'It hurts since Monday' });
  await expect(entry).toContainText('Ann');
  await expect(entry.getByRole('button')).toHaveText('0:10');
  expect(await violations(page)).toEqual([]);
});

test('any version is made the one that everybody is shown', async ({ page, fake }) => {
  const versions = [makeMinutes({ version: 2, title: 'The newer' }), makeMinutes({ version: 1, title: 'The older' })];
  const job = fake.add(makeJob('Call', 'COMPLETED'), { segments: makeSegments(20), versions });
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  const picker = page.getByRole('combobox', { name: 'Version' });
  await expect(picker.locator('option')).toHaveText([/Version 2 ·.* · shown/, /Version 1 ·/]);
  await expect(page.getByRole('button', { name: 'Show this version from now on' })).toHaveCount(0);
  await picker.selectOption('1');
  await expect(page.getByRole('heading', { name: 'The older' })).toBeVisible();
  await page.getByRole('button', { name: 'Show this version from now on' }).click();
  await expect(page.getByText('Version 1 is shown from now on')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'The older' })).toBeVisible();
  await expect(picker.locator('option')).toHaveText([/Version 2 ·/, /Version 1 ·.* · shown/]);
});

test('what others choose is shown at once, and what is being read stays', async ({ page, fake }) => {
  const versions = [
    makeMinutes({ version: 3, title: 'The newest' }),
    makeMinutes({ version: 2, title: 'The middle' }),
    makeMinutes({ title: 'The oldest' }),
  ];
  const job = fake.add(makeJob('Weekly', 'COMPLETED'), { segments: makeSegments(20), versions });
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await expect(page.getByRole('heading', { name: 'The newest' })).toBeVisible();
  await expect.poll(() => fake.openStreams()).toBe(1);
  fake.tell(job.job_id, { type: 'summary_chosen', version: 1, status: 'COMPLETED' });
  await expect(page.getByRole('heading', { name: 'The oldest' })).toBeVisible();
  const picker = page.getByRole('combobox', { name: 'Version' });
  await picker.selectOption('2');
  fake.tell(job.job_id, { type: 'summary_chosen', version: 3, status: 'COMPLETED' });
  await expect(picker.locator('option').first()).toHaveText(/ · shown/);
  await expect(page.getByRole('heading', { name: 'The middle' })).toBeVisible();
});

test('a version that is cancelled says that the minutes stay', async ({ page, fake }) => {
  const job = meeting(fake);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await page.getByRole('button', { name: 'New version' }).click();
  await page.getByRole('button', { name: 'Write it' }).click();
  await expect(page.getByRole('region', { name: 'Progress' })).toBeVisible();
  await page.getByRole('button', { name: `Actions for ${job.title}` }).click();
  await page.getByRole('menuitem', { name: 'Cancel' }).click();
  await expect(page.getByText('Cancelled. The minutes that there are stay.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'The first' })).toBeVisible();
});

test('a version that fails leaves the minutes as they were and says why', async ({ page, fake }) => {
  const job = meeting(fake, { coverage: { ...makeMinutes().coverage, unmet: ['language'] } });
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await page.getByRole('button', { name: 'New version' }).click();
  await page.getByRole('button', { name: 'Write it' }).click();
  await expect.poll(() => fake.openStreams()).toBe(1);
  fake.tell(job.job_id, { type: 'summary_delta', part: 4, at: 900, text: 'the end' });
  await expect(page.getByText('… the end')).toBeVisible();
  fake.tell(job.job_id, { type: 'error', code: 'summary_failed', message: 'Start Ollama.', status: 'COMPLETED' });
  const alert = page.getByRole('alert').filter({ hasText: 'The new version could not be written' });
  await expect(alert).toContainText('Start Ollama.');
  await expect(page.getByText('… the end')).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'The first' })).toBeVisible();
  await expect(page.getByText('Not everything could be written in the language that was asked for.')).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test('first minutes are read while they are written', async ({ page, fake }) => {
  const job = fake.add(makeJob('Call', 'TRANSCRIBED'), { segments: makeSegments(3) });
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await expect.poll(() => fake.openStreams()).toBe(1);
  fake.tell(job.job_id, { type: 'summary_delta', part: 1, at: 0, text: 'They met.' });
  await expect(page.getByRole('region', { name: 'Being written' })).toContainText('They met.');
});

test('an upload says how its minutes are wanted', async ({ page, fake }) => {
  await page.goto(fake.url);
  await page.getByText('Options').click();
  await page.getByLabel('Template').selectOption('Board of directors');
  await page.getByLabel('Language of the minutes').selectOption('Korean');
  expect(await violations(page)).toEqual([]);
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose files' }).click();
  await (await choosing).setFiles({ name: 'a.wav', mimeType: 'audio/wav', buffer: Buffer.from('RIFF') });
  await expect(page.getByRole('link', { name: 'Open' })).toBeVisible();
  const [sent] = [...fake.uploads.values()];
  expect(sent?.fields).toMatchObject({ template: 'board', summary_language: 'ko' });
});

test('minutes are exported in three formats, each from the server', async ({ page, fake }) => {
  const job = meeting(fake);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const preview = page.getByLabel('Preview');
  await expect(preview).toContainText('# The first');
  await page.getByText('Minutes (text)').click();
  await expect(preview).toContainText('txt: The first');
  await page.getByText('Minutes (JSON)').click();
  await expect(preview).toContainText('"title": "The first"');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('Call.minutes.json');
});
