import { readFile } from 'node:fs/promises';
import { expect, test } from '../harness';
import { makeJob, makeMinutes, makeSegments, makeTone } from './data';

const time = (page: import('@playwright/test').Page) =>
  page.evaluate(() => document.querySelector('audio')?.currentTime ?? -1);
const playing = (page: import('@playwright/test').Page) =>
  page.evaluate(() => !document.querySelector('audio')?.paused);

function meeting(fake: import('./server').FakeServer, segments = 60, change = {}) {
  const parts = {
    segments: makeSegments(segments),
    versions: [makeMinutes(change)],
    audio: makeTone(Math.min(300, segments * 5)),
  };
  return fake.add(makeJob('Product team, weekly', 'COMPLETED'), parts);
}

test.describe('the transcript', () => {
  test('of 5,000 segments renders a few and shows any', async ({ page, fake }) => {
    const job = meeting(fake, 5000);
    await page.goto(`${fake.url}#/jobs/${job.job_id}`);
    const text = page.getByRole('region', { name: 'Transcript' });
    const rows = text.getByRole('listitem');
    await expect(rows.first()).toBeVisible();
    const most = async () => expect(await rows.count()).toBeLessThan(60);
    await most();
    await text.hover();
    for (let n = 0; n < 25; n += 1) {
      await page.mouse.wheel(0, 900);
      await most();
    }
    // A wheel that still turns would take the hit out of sight.
    let [before, now] = [-1, 0];
    const turned = () => [...document.querySelectorAll('*')].reduce((sum, element) => sum + element.scrollTop, 0);
    await expect
      .poll(async () => {
        [before, now] = [now, await page.evaluate(turned)];
        return now === before;
      })
      .toBe(true);
    await page.getByRole('textbox', { name: 'Search the transcript' }).fill('Maria');
    await expect(text.getByRole('status')).toHaveText('1 of 384');
    await expect(text.locator('.hit')).toBeInViewport();
    await expect(text.locator('.hit mark').first()).toBeVisible();
    await page.keyboard.press('Shift+Enter');
    await expect(text.getByRole('status')).toHaveText('384 of 384');
    await expect(text.locator('.hit')).toBeInViewport();
    await expect(text.locator('.hit')).toContainText('6:55:35');
    await most();
  });

  test('does not move under the eye of who scrolls back through it', async ({ page, fake }) => {
    // Heights that differ from what was thought: every seventh text is long.
    const segments = makeSegments(600).map((segment, at) =>
      at % 7 ? segment : { ...segment, text: 'Wide wide words. '.repeat(3 + (at % 40)) },
    );
    const job = fake.add(makeJob('Long', 'COMPLETED'), { segments });
    await page.goto(`${fake.url}#/jobs/${job.job_id}?t=2000`);
    const text = page.getByRole('region', { name: 'Transcript' });
    await expect(text.locator('[data-index="399"]')).toBeInViewport();
    await text.hover();
    for (let n = 0; n < 30; n += 1) {
      const [index, before] = await text.evaluate((region) => {
        const view = region.querySelector('.viewport')!.getBoundingClientRect();
        const row = [...region.querySelectorAll<HTMLElement>('li')].find(
          (one) => one.getBoundingClientRect().top > view.top + 250,
        )!;
        return [row.dataset.index, row.getBoundingClientRect().top] as const;
      });
      await page.mouse.wheel(0, -120);
      await expect
        .poll(() => text.locator(`[data-index="${index}"]`).evaluate((row) => row.getBoundingClientRect().top))
        .toBeCloseTo(before + 120, -0.3);
    }
  });

  test('plays from a text that is clicked, and marks and follows what is heard', async ({ page, fake }) => {
    const job = meeting(fake);
    await page.goto(`${fake.url}#/jobs/${job.job_id}`);
    const text = page.getByRole('region', { name: 'Transcript' });
    await text.getByText('They will be with you on Wednesday.').first().click();
    await expect.poll(() => playing(page)).toBe(true);
    expect(await time(page)).toBeGreaterThanOrEqual(50);
    await expect(text.locator('.current')).toContainText('They will be with you on Wednesday.');
    await page.getByRole('slider', { name: 'Position' }).fill('250');
    await expect(text.locator('.current')).toContainText('4:10');
    await expect(text.locator('.current')).toBeInViewport();
    // Who scrolls away stays there, until asking to be brought back.
    await text.hover();
    await page.mouse.wheel(0, -3000);
    await expect(page.getByRole('button', { name: 'Text follows the sound' })).toHaveAttribute('aria-pressed', 'false');
    await expect(text.locator('.current')).toHaveCount(0);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await expect(text.locator('.current')).toBeInViewport();
  });

  test('can be linked to, moment by moment', async ({ page, fake, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const job = meeting(fake);
    await page.goto(`${fake.url}#/jobs/${job.job_id}?t=125.4`);
    const text = page.getByRole('region', { name: 'Transcript' });
    await expect(text.locator('.current')).toContainText('2:00');
    await expect(text.locator('.current')).toBeInViewport();
    expect(await playing(page)).toBe(false);
    expect(await time(page)).toBeCloseTo(125.4, 1);
    await text.locator('.current').hover();
    await text.locator('.current').getByRole('button', { name: 'Actions for 2:00' }).click();
    await page.getByRole('menuitem', { name: 'Copy link to 2:00' }).click();
    await expect(page.getByText('Link copied')).toBeVisible();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${fake.url}#/jobs/${job.job_id}?t=120.5`);
  });

  test('is text, whatever the server sends', async ({ page, fake }) => {
    const evil = '<img src=x onerror="console.error(1)"><script>console.error(2)</script>';
    const point = { text: evil, segments: [1] };
    const minutes = makeMinutes({
      title: evil,
      summary: evil,
      key_points: [point],
      decisions: [point],
      open_questions: [point],
      action_items: [{ task: evil, owner: evil, due: evil, segments: [1] }],
      chapters: [{ title: evil, start: 1, end: 2, segments: [1] }],
      provider: evil,
      model: evil,
      coverage: { ...makeMinutes().coverage, dropped: [{ text: evil, reason: evil }] },
    });
    const segments = [{ segment_number: 1, start: 0, end: 1, text: evil }];
    const names = { file_name: evil, speech_model: evil, language: evil };
    const job = fake.add(makeJob(evil, 'COMPLETED', names), { segments, versions: [minutes] });
    const failure = { code: evil, message: evil };
    const failed = fake.add(makeJob(evil, 'FAILED', { failure, ...names }));
    for (const place of ['', `#/jobs/${failed.job_id}`, `#/jobs/${job.job_id}`]) {
      await page.goto(`${fake.url}${place}`);
      await expect(page.getByText(evil).first()).toBeVisible();
      expect(await page.locator('#app img:not([alt=""]), #app script').count()).toBe(0);
    }
    await page.getByRole('textbox', { name: 'Search the transcript' }).fill('<img');
    await expect(page.locator('mark')).toHaveText('<img');
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await expect(page.getByLabel('Preview')).toContainText(evil);
  });
});

test.describe('the minutes', () => {
  test('play what bears a point out', async ({ page, fake }) => {
    const job = meeting(fake);
    await page.goto(`${fake.url}#/jobs/${job.job_id}`);
    const minutes = page.getByRole('region', { name: 'Minutes' });
    await minutes.getByRole('listitem').filter({ hasText: 'The export ships in March' }).getByRole('button').click();
    await expect.poll(() => playing(page)).toBe(true);
    expect(await time(page)).toBeGreaterThanOrEqual(30.5);
    await expect(page.locator('.segment.evidence')).toHaveCount(2);
    await minutes.getByRole('button', { name: /Budget and board/ }).click();
    await expect.poll(() => time(page)).toBeGreaterThanOrEqual(40.5);
    await expect(minutes.locator('[aria-current]')).toContainText('Budget and board');
  });

  test('keep what was ticked off', async ({ page, fake }) => {
    const job = meeting(fake);
    await page.goto(`${fake.url}#/jobs/${job.job_id}`);
    await page.getByRole('checkbox', { name: 'Send the numbers to Maria' }).check();
    await expect(page.getByText('1 of 3 done')).toBeVisible();
    await page.reload();
    await expect(page.getByRole('checkbox', { name: 'Send the numbers to Maria' })).toBeChecked();
    await expect(page.getByRole('checkbox', { name: 'Review the budget for the second quarter' })).not.toBeChecked();
  });

  test('say who wrote them from how much, and what was left out', async ({ page, fake }) => {
    const job = meeting(fake);
    await page.goto(`${fake.url}#/jobs/${job.job_id}`);
    const minutes = page.getByRole('region', { name: 'Minutes' });
    await expect(minutes).toContainText('Written by qwen3:14b through Ollama.');
    await expect(minutes).toContainText('100% of the speech, in 7 parts');
    await minutes.getByText('1 statement was left out').click();
    await expect(minutes.getByText('The board has approved the budget.')).toBeVisible();
    const plain = meeting(fake, 20, { provider: 'extractive', model: 'central-sentences' });
    await page.goto(`${fake.url}#/jobs/${plain.job_id}`);
    await expect(minutes).toContainText(
      'Extractive: sentences chosen from the transcript, no language model was used.',
    );
  });
});

test('everything is exported with a preview', async ({ page, fake, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const job = meeting(fake, 300);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const preview = page.getByLabel('Preview');
  await expect(preview).toContainText('# Export in March, offline work in April');
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('# Export in March');
  await page.getByText('Plain text').click();
  await expect(preview).toContainText('… and 100 more lines');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('Product team, weekly.txt');
  expect((await readFile(await download.path(), 'utf8')).split('\n')).toHaveLength(300);
});

test.describe('the player', () => {
  test('is driven by the keyboard', async ({ page, fake }) => {
    const job = meeting(fake);
    await page.goto(`${fake.url}#/jobs/${job.job_id}`);
    await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
    await page.keyboard.press('l');
    await expect.poll(() => time(page)).toBe(10);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => time(page)).toBe(15);
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => time(page)).toBe(0);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => time(page)).toBe(0.5);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => time(page)).toBe(5.5);
    await page.keyboard.press('>');
    await expect(page.getByRole('combobox', { name: 'Speed' })).toHaveValue('1.25');
    expect(await page.evaluate(() => document.querySelector('audio')?.playbackRate)).toBe(1.25);
    await page.keyboard.press(' ');
    await expect.poll(() => playing(page)).toBe(true);
    await page.keyboard.press('k');
    await expect.poll(() => playing(page)).toBe(false);
    await page.keyboard.press('f');
    await expect(page.getByRole('button', { name: 'Text follows the sound' })).toHaveAttribute('aria-pressed', 'false');
    await page.keyboard.press('/');
    await expect(page.getByRole('textbox', { name: 'Search the transcript' })).toBeFocused();
    // Letters that are typed are letters.
    await page.keyboard.type('jkl f');
    await expect(page.getByRole('textbox', { name: 'Search the transcript' })).toHaveValue('jkl f');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+f');
    await expect(page.getByRole('textbox', { name: 'Search the transcript' })).toBeFocused();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await help.getByRole('checkbox', { name: 'Use shortcuts of a single letter' }).uncheck();
    await page.keyboard.press('Escape');
    await expect(help).toHaveCount(0);
    await page.keyboard.press('?');
    await page.keyboard.press('k');
    await expect(help).toHaveCount(0);
    expect(await playing(page)).toBe(false);
  });

  test('offers the file where the browser cannot play it', async ({ page, fake }) => {
    const job = fake.add(makeJob('Odd', 'COMPLETED'), {
      segments: makeSegments(3),
      audio: Buffer.from('no sound at all'),
    });
    await page.goto(`${fake.url}#/jobs/${job.job_id}`);
    await expect(page.getByText('This browser cannot play the format of the recording.')).toBeVisible();
    await expect(page.getByRole('region', { name: 'Player' }).getByRole('link', { name: 'Download it' })).toBeVisible();
  });
});

test('a recording is renamed and deleted where it is read', async ({ page, fake }) => {
  const job = meeting(fake);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await page.getByRole('button', { name: 'Rename this recording' }).click();
  await page.getByLabel('New title').fill('Better');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Better');
  await page.getByRole('button', { name: 'Actions for Better' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(page.getByText('“Better” deleted')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('link', { name: 'Better' })).toBeVisible();
});
