import { expect, test } from '../harness';
import { makeJob, makeMinutes, makeSegments } from './data';

const [transcript, minutes] = ['Transcript', 'Minutes'];
const segment = (n: number) => ({
  type: 'transcript_segment' as const,
  status: 'PROCESSING' as const,
  segment_number: n,
  // After those of `makeSegments`, which take five seconds each.
  start: n * 6,
  end: n * 6 + 2,
  text: `Spoken ${n}.`,
});
const progress = (share: number) =>
  ({ type: 'progress', stage: 'transcribing', progress: share, eta_seconds: 40, queue_position: null }) as const;

test.describe('a recording that is worked on', () => {
  test('goes from the queue to its minutes, and is never reloaded', async ({ page, fake }) => {
    const job = fake.add(
      makeJob('Call', 'PENDING', { progress: { stage: 'queued', progress: 0, eta_seconds: null, queue_position: 2 } }),
    );
    await page.goto(`${fake.url}#/jobs/${job.job_id}`);
    const rail = page.getByRole('region', { name: 'Progress' });
    await expect(rail.locator('[aria-current=step]')).toHaveText('Waiting 2 ahead');
    await expect(page.getByText('No text yet')).toBeVisible();

    await expect.poll(() => fake.openStreams()).toBe(1);
    fake.tell(job.job_id, { type: 'status', status: 'PROCESSING' });
    await expect(rail.locator('[aria-current=step]')).toContainText('Preparing');
    fake.tell(job.job_id, progress(0.25));
    await expect(rail.locator('[aria-current=step]')).toHaveText('Transcribing 25% · about 40 secs left');
    await expect(page).toHaveTitle('25% · Call · Seogi');
    job.language = 'en';
    fake.tell(job.job_id, segment(1));
    await expect(page.getByText('Spoken 1.', { exact: true }).first()).toBeVisible();
    // Those who hear the page hear the new text.
    await expect(page.locator('[aria-live=polite]').filter({ hasText: 'Spoken 1.' })).toBeAttached();

    fake.tell(job.job_id, { type: 'status', status: 'TRANSCRIBED' });
    await expect(rail.locator('[aria-current=step]')).toContainText('Minutes');
    fake.tell(job.job_id, { type: 'final_summary', summary: makeMinutes(), segment_count: 1, status: 'COMPLETED' });
    await expect(rail).toHaveCount(0);
    await expect(page.getByRole('heading', { name: 'Export in March, offline work in April' })).toBeVisible();
    await expect(page).toHaveTitle('Call · Seogi');
    // It stays: somebody may edit the transcript.
    expect(fake.openStreams()).toBe(1);
  });

  test('follows its newest text until the reader scrolls away', async ({ page, fake }) => {
    const job = fake.add(makeJob('Call', 'PROCESSING', { language: 'en' }), { segments: makeSegments(60) });
    await page.goto(`${fake.url}#/jobs/${job.job_id}`);
    const text = page.getByRole('region', { name: transcript });
    await expect(text.getByRole('listitem').last()).toBeInViewport({ ratio: 1 });
    await page.setViewportSize({ width: 390, height: 700 });
    await expect(text.getByRole('listitem').last()).toBeInViewport({ ratio: 1 });
    await page.setViewportSize({ width: 1360, height: 860 });
    await expect.poll(() => fake.openStreams()).toBe(1);
    for (let n = 61; n <= 70; n += 1) fake.tell(job.job_id, segment(n));
    await expect(text.getByText('Spoken 70.')).toBeInViewport({ ratio: 1 });
    await text.hover();
    await page.mouse.wheel(0, -2000);
    await expect(text.getByText('Spoken 70.')).not.toBeInViewport();
    fake.tell(job.job_id, segment(71));
    const newest = page.getByRole('button', { name: 'Newest text' });
    await newest.click();
    await expect(text.getByText('Spoken 71.')).toBeInViewport();
    await expect(newest).toHaveCount(0);
  });

  test('stays whole when it is reloaded in the middle', async ({ page, fake }) => {
    const job = fake.add(makeJob('Call', 'PROCESSING'), { segments: [segment(1), segment(2)] });
    await page.goto(`${fake.url}#/jobs/${job.job_id}`);
    await expect.poll(() => fake.openStreams()).toBe(1);
    fake.tell(job.job_id, segment(3));
    await expect(page.getByText('Spoken 3.')).toBeVisible();
    await page.reload();
    await expect.poll(() => fake.openStreams()).toBe(1);
    fake.tell(job.job_id, segment(4));
    await expect(page.getByText(/^Spoken \d\.$/)).toHaveText([1, 2, 3, 4].map((n) => `Spoken ${n}.`));
  });

  test.describe('when the connection breaks', () => {
    test.use({ expected: /ERR_/ });
    test('goes on by itself, without gap or repeat', async ({ page, fake }) => {
      const job = fake.add(makeJob('Call', 'PROCESSING'), { segments: [segment(1)] });
      await page.goto(`${fake.url}#/jobs/${job.job_id}`);
      await expect.poll(() => fake.openStreams()).toBe(1);
      fake.tell(job.job_id, segment(2));
      await expect(page.getByText('Spoken 2.')).toBeVisible();
      fake.refuse = (request) => (request.endsWith('/events') ? 0 : undefined);
      fake.cut();
      await expect(page.getByText('The connection is lost. Nothing is missed: it goes on by itself.')).toBeVisible();
      fake.tell(job.job_id, segment(3));
      fake.refuse = () => undefined;
      await expect(page.getByText('Spoken 3.')).toBeVisible({ timeout: 20_000 });
      fake.tell(job.job_id, segment(4));
      await expect(page.getByText(/^Spoken \d\.$/)).toHaveText([1, 2, 3, 4].map((n) => `Spoken ${n}.`));
      await expect(page.getByText('The connection is lost.')).toHaveCount(0);
    });
  });

  test('keeps one connection open, and none when nobody looks', async ({ page, fake }) => {
    const jobs = [1, 2, 3, 4].map((n) => fake.add(makeJob(`Call ${n}`, 'PROCESSING'), { segments: [segment(1)] }));
    await page.goto(fake.url);
    for (const job of jobs) {
      await page.getByRole('link', { name: job.title }).click();
      await expect.poll(() => fake.openStreams()).toBe(1);
      await page.getByRole('link', { name: 'Library', exact: true }).click();
      await expect.poll(() => fake.openStreams()).toBe(0);
    }
  });
});

test.describe('a recording that failed', () => {
  test('says why and what to do, and can be tried again', async ({ page, fake }) => {
    const job = fake.add(makeJob('silence.wav', 'PROCESSING'));
    await page.goto(`${fake.url}#/jobs/${job.job_id}`);
    await expect.poll(() => fake.openStreams()).toBe(1);
    const message = 'No speech was found; check that the right file was uploaded.';
    fake.tell(job.job_id, { type: 'error', code: 'no_speech', message, status: 'FAILED' });
    const alert = page.getByRole('alert');
    await expect(alert).toContainText('This recording could not be transcribed');
    await expect(alert).toContainText(message);
    await expect(alert).toContainText('no_speech');
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('region', { name: 'Progress' })).toContainText('Waiting');
    await expect.poll(() => fake.openStreams()).toBe(1);
    fake.tell(job.job_id, segment(1));
    await expect(page.getByText('Spoken 1.')).toBeVisible();
  });

  test('only in its minutes keeps its text', async ({ page, fake }) => {
    const failure = {
      code: 'summary_failed',
      message: 'The transcript is complete, but the summary failed: Ollama does not answer.',
    };
    const job = fake.add(makeJob('Call', 'FAILED', { failure }), { segments: makeSegments(5) });
    await page.goto(`${fake.url}#/jobs/${job.job_id}`);
    await expect(page.getByRole('alert')).toContainText('The minutes could not be written');
    await expect(page.getByRole('region', { name: transcript }).getByRole('listitem')).toHaveCount(5);
    await expect(page.getByRole('region', { name: minutes })).toContainText('There are no minutes of this recording.');
  });

  test('says so in Korean to those who read Korean', async ({ browser, fake }) => {
    const failure = { code: 'no_speech', message: 'No speech was found.' };
    const job = fake.add(makeJob('회의', 'FAILED', { failure }));
    const page = await browser.newPage({ locale: 'ko-KR' });
    await page.goto(`${fake.url}#/jobs/${job.job_id}`);
    await expect(page.getByRole('alert')).toContainText('녹음에서 말소리를 찾지 못했습니다.');
    await page.close();
  });
});

test.describe('a recording that is not there', () => {
  test.use({ expected: /status of 404/ });
  test('is said not to be there', async ({ page, fake }) => {
    await page.goto(`${fake.url}#/jobs/nothing`);
    await expect(page.getByRole('alert')).toContainText('There is no such recording');
    await page.getByRole('alert').getByRole('link', { name: 'Library' }).click();
    await expect(page.getByRole('button', { name: 'Choose files' })).toBeVisible();
  });
});
