import { drop, expect, test, violations } from '../harness';
import { makeJob, makeSegments } from './data';
import type { FakeServer } from './server';

const DAY = 86_400_000;
const row = (title: string) => `li:has(a:text-is("${title}"))`;

test.describe('the library', () => {
  test('invites the first recording when it is empty', async ({ page, fake }) => {
    await page.goto(fake.url);
    await expect(page.getByRole('heading', { name: 'Drop a recording, read the meeting' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Choose files' })).toBeVisible();
    await expect(page.getByRole('search')).toHaveCount(0);
  });

  test('shows 500 recordings by days, page by page', async ({ page, fake }) => {
    for (let n = 0; n < 500; n += 1) {
      fake.add(makeJob(`Meeting ${n}`, 'COMPLETED', { created_at: Date.now() - n * (DAY / 10) - 1 }));
    }
    await page.goto(fake.url);
    await expect(page.getByRole('heading', { name: 'Today' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Meeting 0', exact: true })).toBeVisible();
    expect(await page.getByRole('link', { name: /^Meeting/ }).count()).toBeLessThan(200);
    const last = page.getByRole('link', { name: 'Meeting 499', exact: true });
    await expect(async () => {
      await page.mouse.wheel(0, 30_000);
      await expect(last).toBeVisible({ timeout: 500 });
    }).toPass();
    await expect(page.getByRole('link', { name: /^Meeting/ })).toHaveCount(500);
    await expect(page.getByRole('button', { name: 'Load more' })).toHaveCount(0);
    expect(fake.log.filter((line) => line.includes('cursor=')).length).toBe(9);
  });

  test('tells status, stage, per cent, time left and place in the queue', async ({ page, fake }) => {
    const progress = { eta_seconds: null, queue_position: null };
    fake.add(
      makeJob('Runs', 'PROCESSING', {
        progress: { stage: 'transcribing', progress: 0.42, eta_seconds: 161, queue_position: null },
      }),
    );
    fake.add(makeJob('Loads', 'PROCESSING', { progress: { stage: 'loading', progress: 0.1, ...progress } }));
    fake.add(
      makeJob('Waits', 'PENDING', { progress: { stage: 'queued', progress: 0, eta_seconds: null, queue_position: 3 } }),
    );
    fake.add(makeJob('Ends', 'TRANSCRIBED', { progress: { stage: 'summarising', progress: 0.5, ...progress } }));
    await page.goto(fake.url);
    await expect(page.locator(row('Runs'))).toContainText('Transcribing 42% · about 3 mins left');
    await expect(page.locator(row('Loads'))).toContainText('Preparing 10%');
    await expect(page.locator(row('Waits'))).toContainText('Waiting 3 ahead');
    await expect(page.locator(row('Ends'))).toContainText('Writing minutes 50%');
    await expect(page.getByRole('progressbar', { name: 'Progress: Runs' })).toHaveAttribute('aria-valuenow', '42');
  });

  test('keeps up with what goes on, also far down the list', async ({ page, fake }) => {
    const early = fake.add(makeJob('Early', 'PROCESSING', { created_at: Date.now() - 2 * DAY }));
    for (let n = 0; n < 60; n += 1) fake.add(makeJob(`Later ${n}`, 'COMPLETED', { created_at: Date.now() - n * 1000 }));
    await page.goto(fake.url);
    await page.getByRole('button', { name: 'Load more' }).scrollIntoViewIfNeeded();
    await expect(page.locator(row('Early'))).toContainText('Preparing');
    Object.assign(early, { status: 'COMPLETED', duration_seconds: 61 });
    await expect(page.locator(row('Early'))).toContainText('1:01');
    await expect(page.locator(row('Early'))).not.toContainText('Preparing');
    fake.add(makeJob('From another window', 'COMPLETED'));
    await expect(page.getByRole('link', { name: 'From another window' })).toBeVisible({ timeout: 15_000 });
  });

  test('is searched by title and by what was said, and narrowed by status', async ({ page, fake }) => {
    fake.add(makeJob('Board', 'COMPLETED'), { segments: makeSegments(13) });
    fake.add(makeJob('Kitchen', 'FAILED'));
    await page.goto(fake.url);
    const search = page.getByRole('textbox', { name: 'Search titles and what was said' });
    await search.fill('forty customers');
    await expect(page.getByRole('link', { name: 'Kitchen' })).toHaveCount(0);
    await expect(page.getByRole('link', { name: 'Board' })).toBeVisible();
    await expect(page.getByRole('status').filter({ hasText: '1 recording' })).toBeAttached();
    await search.fill('nobody said this');
    await expect(page.getByText('Nothing found')).toBeVisible();
    await page.getByRole('button', { name: 'Show all recordings' }).click();
    await expect(search).toHaveValue('');
    await page.getByRole('combobox', { name: 'Status' }).selectOption('Failed');
    await expect(page.getByRole('link', { name: 'Board' })).toHaveCount(0);
    await expect(page.getByRole('link', { name: 'Kitchen' })).toBeVisible();
    // Typed letters are put together before they are asked for.
    expect(fake.log.filter((line) => /q=n/.test(line)).length).toBe(1);
  });

  test('renames in place, by Enter, and not by Escape', async ({ page, fake }) => {
    const job = fake.add(makeJob('Old title', 'COMPLETED'));
    await page.goto(fake.url);
    await page.getByRole('button', { name: 'Actions for Old title' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByLabel('New title').fill('Never');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('link', { name: 'Old title' })).toBeVisible();
    await page.getByRole('button', { name: 'Actions for Old title' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByLabel('New title').fill('  <b>New</b> title ');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('link', { name: '<b>New</b> title' })).toBeVisible();
    await expect.poll(() => job.title).toBe('<b>New</b> title');
  });

  test('cancels and tries again', async ({ page, fake }) => {
    fake.add(makeJob('Call', 'PROCESSING'));
    await page.goto(fake.url);
    await page.getByRole('button', { name: 'Actions for Call' }).click();
    await page.getByRole('menuitem', { name: 'Cancel' }).click();
    await expect(page.locator(row('Call'))).toContainText('Cancelled');
    await page.locator(row('Call')).getByRole('button', { name: 'Try again' }).click();
    await expect(page.locator(row('Call'))).toContainText('Waiting');
  });
});

test.describe('a deletion', () => {
  const remove = async (page: import('@playwright/test').Page, title: string) => {
    await page.getByRole('button', { name: `Actions for ${title}` }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await expect(page.getByRole('link', { name: title })).toHaveCount(0);
  };
  const deletions = (fake: FakeServer) => fake.log.filter((line) => line.startsWith('DELETE')).length;

  test('can be taken back, and then was never sent', async ({ page, fake }) => {
    fake.add(makeJob('Keep me', 'COMPLETED'));
    await page.clock.install();
    await page.goto(fake.url);
    await remove(page, 'Keep me');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByRole('link', { name: 'Keep me' })).toBeVisible();
    await page.clock.runFor(30_000);
    expect(deletions(fake)).toBe(0);
    await expect(page.getByRole('link', { name: 'Keep me' })).toBeVisible();
  });

  test('is sent when its time is up', async ({ page, fake }) => {
    fake.add(makeJob('Away', 'COMPLETED'));
    await page.clock.install();
    await page.goto(fake.url);
    await remove(page, 'Away');
    expect(deletions(fake)).toBe(0);
    await page.clock.runFor(8_000);
    await expect.poll(() => deletions(fake)).toBe(1);
    expect(fake.records.size).toBe(0);
    await expect(page.getByText('Drop a recording, read the meeting')).toBeVisible();
  });

  test('is sent when the page is left', async ({ page, fake }) => {
    fake.add(makeJob('Away', 'COMPLETED'));
    await page.goto(fake.url);
    await remove(page, 'Away');
    await page.goto('about:blank');
    await expect.poll(() => deletions(fake)).toBe(1);
  });

  test.describe('that the server refuses', () => {
    test.use({ expected: /status of 503/ });
    test('brings the recording back and says so', async ({ page, fake }) => {
      fake.add(makeJob('Stays', 'COMPLETED'));
      fake.refuse = (request) => (request.startsWith('DELETE') ? 503 : undefined);
      await page.clock.install();
      await page.goto(fake.url);
      await remove(page, 'Stays');
      await page.clock.runFor(8_000);
      await expect(page.getByText('“Stays” could not be deleted.')).toBeVisible();
      await expect(page.getByRole('link', { name: 'Stays' })).toBeVisible();
    });
  });
});

test.describe('uploads', () => {
  const files = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ name: `part-${n}.wav`, body: `sound ${n}` }));

  test('are dropped anywhere, and become recordings', async ({ page, fake }) => {
    await page.goto(fake.url);
    await drop(page, files(3));
    for (const n of [0, 1, 2]) await expect(page.getByRole('link', { name: `part-${n}` })).toBeVisible();
    const opened = page.getByRole('list').first().getByRole('link', { name: 'Open' }).first();
    await opened.click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('part-');
  });

  test('say where to let go', async ({ page, fake }) => {
    await page.goto(fake.url);
    const transfer = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['x'], 'x.wav'));
      return transfer;
    });
    await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer });
    await expect(page.getByText('Drop to transcribe')).toBeVisible();
    await page.dispatchEvent('body', 'dragleave', { dataTransfer: transfer });
    await expect(page.getByText('Drop to transcribe')).toHaveCount(0);
  });

  test('carry title and language', async ({ page, fake }) => {
    await page.goto(fake.url);
    await page.getByText('Options').click();
    await page.getByLabel('Spoken language').selectOption('Korean');
    await page.getByLabel(/^Title/).fill('주간 회의');
    await page.getByText('Options').click();
    await expect(page.getByText('Spoken language: Korean')).toBeVisible();
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Choose files' }).click(),
    ]);
    await chooser.setFiles({ name: 'a.wav', mimeType: 'audio/wav', buffer: Buffer.from('sound') });
    await expect(page.getByRole('link', { name: '주간 회의' })).toBeVisible();
    expect([...fake.records.values()][0]?.job).toMatchObject({
      title: '주간 회의',
      file_name: 'a.wav',
      options: { language: 'ko' },
    });
    // The title was for that file; the language stays, also for the next visit.
    await page.reload();
    await expect(page.getByText('Spoken language: Korean')).toBeVisible();
    await expect(page.getByText('Title: 주간 회의')).toHaveCount(0);
  });

  test('say which model is taken and who is told apart, as far as the server can', async ({ page, fake }) => {
    await page.goto(fake.url);
    await page.getByText('Options').click();
    await page.getByLabel('Speech model').selectOption('tiny');
    await page.getByLabel('Speakers').selectOption('3 people');
    expect(await violations(page)).toEqual([]);
    await page.getByText('Options').click();
    await expect(page.getByText('Speakers: 3 people')).toBeVisible();
    await drop(page, [{ name: 'a.wav', body: 'sound' }]);
    await expect.poll(() => fake.uploads.size).toBe(1);
    const { model, diarize, num_speakers } = fake.uploads.get('upload-1')!.fields;
    expect({ model, diarize, num_speakers }).toEqual({ model: 'tiny', diarize: 'true', num_speakers: '3' });

    fake.admin['GET /api/v1/openapi.json'] = { components: { schemas: { JobOptions: { properties: {} } } } };
    await page.reload();
    await page.getByText('Options').click();
    await expect(page.getByLabel('Speech model')).toBeVisible();
    await expect(page.getByLabel('Speakers')).toHaveCount(0);
  });

  test('go two at a time, show how far they are, and can be stopped', async ({ page, fake }) => {
    const held: (() => void)[] = [];
    await page.route('**/api/v1/uploads', async (route) => {
      await new Promise<void>((resolve) => held.push(resolve));
      await route.continue().catch(() => undefined);
    });
    await page.goto(fake.url);
    await drop(page, files(4));
    const list = page.getByRole('region', { name: 'Uploads' });
    await expect(list.getByRole('progressbar')).toHaveCount(2);
    await expect(list.getByText('Waits for its turn')).toHaveCount(2);
    await list.getByRole('button', { name: 'Stop uploading part-3.wav' }).click();
    await expect(list.getByRole('listitem')).toHaveCount(3);
    expect(held.length).toBe(2);
    held.splice(0).forEach((go) => go());
    await expect.poll(() => held.length).toBe(1);
    held.splice(0).forEach((go) => go());
    await expect.poll(() => fake.records.size).toBe(3);
  });

  test.describe('that fail', () => {
    test.use({ expected: /status of (404|413)|ERR_/ });

    test('say why, and can be sent again as the same', async ({ page, fake }) => {
      fake.refuse = (request) => (request.startsWith('PATCH /api/v1/uploads') ? 413 : undefined);
      await page.goto(fake.url);
      await drop(page, [
        { name: 'big.wav', body: 'x' },
        { name: 'nothing.wav', body: '' },
      ]);
      const list = page.getByRole('region', { name: 'Uploads' });
      await expect(list).toContainText('The stand-in was told to refuse.');
      await expect(list).toContainText('This file is empty.');
      fake.refuse = () => undefined;
      await list.getByRole('button', { name: 'Upload big.wav again' }).click();
      await expect(page.getByRole('link', { name: 'big', exact: true })).toBeVisible();
      expect(fake.uploads.size).toBe(1);
    });

    test('for want of a connection are tried again by themselves', async ({ page, fake }) => {
      await page.goto(fake.url);
      fake.refuse = (request) => (request.startsWith('PATCH /api/v1/uploads') ? 0 : undefined);
      await drop(page, files(1));
      await expect(page.getByText('The connection was lost. It goes on by itself.')).toBeVisible();
      fake.refuse = () => undefined;
      await page.evaluate(() => dispatchEvent(new Event('online')));
      await expect.poll(() => fake.records.size).toBe(1);
      expect(fake.uploads.size).toBe(1);
    });

    test('go on after a reload with what the server has, when the same file is chosen again', async ({ page, fake }) => {
      const body = 'sound '.repeat(20_000);
      const file = { name: 'long.wav', body };
      await page.goto(fake.url);
      fake.refuse = (request) => (request.startsWith('PATCH /api/v1/uploads') ? 0 : undefined);
      await drop(page, [file]);
      await expect(page.getByText('The connection was lost. It goes on by itself.')).toBeVisible();
      const kept = [...fake.uploads.values()][0];
      if (kept) kept.bytes = Buffer.from(body.slice(0, 50_000));
      page.on('dialog', (dialog) => void dialog.accept());
      await page.reload();
      const list = page.getByRole('region', { name: 'Uploads' });
      await expect(list).toContainText('Interrupted. Choose the same file again');
      fake.refuse = () => undefined;
      const pieces: (string | undefined)[] = [];
      page.on('request', (request) => request.method() === 'PATCH' && pieces.push(request.headers()['upload-offset']));
      await drop(page, [file]);
      await expect(page.getByRole('link', { name: 'long', exact: true })).toBeVisible();
      expect(pieces).toEqual(['50000']);
      expect(kept?.bytes.toString()).toBe(body);
      expect(fake.uploads.size).toBe(1);
    });

    test('begin anew when the server has forgotten them, and are forgotten when they are dismissed', async ({
      page,
      fake,
    }) => {
      await page.goto(fake.url);
      fake.refuse = (request) => (request.startsWith('PATCH /api/v1/uploads') ? 0 : undefined);
      await drop(page, files(2));
      await expect(page.getByText('The connection was lost. It goes on by itself.')).toHaveCount(2);
      page.on('dialog', (dialog) => void dialog.accept());
      await page.reload();
      const list = page.getByRole('region', { name: 'Uploads' });
      await list.getByRole('button', { name: 'Stop uploading part-1.wav' }).click();
      await expect(list.getByRole('listitem')).toHaveCount(1);
      await expect.poll(() => fake.uploads.size).toBe(1);
      fake.refuse = () => undefined;
      fake.uploads.clear();
      await drop(page, files(1));
      await expect(page.getByRole('link', { name: 'part-0', exact: true })).toBeVisible();
      await page.reload();
      await expect(list).toHaveCount(0);
    });
  });
});

test.describe('without the server', () => {
  test.use({ expected: /ERR_/ });
  test('the page says so, and finds it again', async ({ page, fake }) => {
    fake.add(makeJob('Here', 'PROCESSING'));
    await page.goto(fake.url);
    await expect(page.getByRole('link', { name: 'Here' })).toBeVisible();
    fake.refuse = () => 0;
    await expect(page.getByText('The server cannot be reached. Trying again …')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Here' })).toBeVisible();
    fake.refuse = () => undefined;
    await expect(page.getByText('The server cannot be reached. Trying again …')).toHaveCount(0);
  });
});
