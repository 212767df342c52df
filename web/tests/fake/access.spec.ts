import type { Page } from '@playwright/test';
import { drop, expect, overflow, test, violations } from '../harness';
import { makeJob, makeKoreanMinutes, makeMinutes, makeSegments, makeTone } from './data';
import type { FakeServer } from './server';

const LONG =
  'Interview about everything that has changed since 2019_with-all-annexes-and-an-unbreakable-file-name-of-some-length.final.v2';

/** One recording of each kind; gives the addresses of the views. */
function library(fake: FakeServer): Record<string, string> {
  const now = Date.now();
  const running = { stage: 'transcribing', progress: 0.4, eta_seconds: 100, queue_position: null } as const;
  const done = fake.add(makeJob(LONG, 'COMPLETED'), {
    segments: makeSegments(200),
    versions: [makeMinutes({ version: 2 }), makeMinutes()],
    audio: makeTone(60),
  });
  const korean = fake.add(makeJob('제품팀 주간 회의', 'COMPLETED', { created_at: now - 9e7, language: 'ko' }), {
    segments: makeSegments(40, 'ko'),
    versions: [makeKoreanMinutes()],
  });
  const runs = fake.add(makeJob('Call', 'PROCESSING', { progress: running }), { segments: makeSegments(8) });
  const failure = { code: 'no_speech', message: 'No speech was found in the recording.' };
  const failed = fake.add(makeJob('silence.wav', 'FAILED', { failure }));
  const partly = fake.add(makeJob('half.wav', 'CANCELLED'), { segments: makeSegments(3) });
  const view = (id: string) => `#/jobs/${id}`;
  return {
    home: '#/',
    record: '#/record',
    admin: '#/admin',
    done: view(done.job_id),
    korean: view(korean.job_id),
    running: view(runs.job_id),
    failed: view(failed.job_id),
    cancelled: view(partly.job_id),
  };
}

const settled = (page: Page) => expect(page.locator('main h1, main h2').first()).toBeVisible();

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of [
    ['desktop', { width: 1360, height: 860 }],
    ['phone', { width: 390, height: 844 }],
  ] as const) {
    test.describe(`${colorScheme}, ${size}`, () => {
      test.use({ colorScheme, viewport, locale: colorScheme === 'dark' ? 'ko-KR' : 'en-GB' });

      test('every view meets WCAG AA and fits its window', async ({ page, fake }) => {
        test.setTimeout(120_000);
        await page.goto(fake.url);
        await settled(page);
        expect(await violations(page), 'empty').toEqual([]);
        for (const [name, hash] of Object.entries(library(fake))) {
          await page.goto(`${fake.url}${hash}`);
          await settled(page);
          if (hash.startsWith('#/jobs')) await expect(page.locator('audio')).toBeAttached();
          expect(await violations(page), name).toEqual([]);
          expect(await overflow(page), name).toBe(0);
        }
      });

      test('what opens over a view meets WCAG AA', async ({ page, fake }) => {
        const views = library(fake);
        await page.goto(`${fake.url}${views.done}`);
        await settled(page);
        await page.locator('.export').click();
        await expect(page.locator('dialog pre')).toContainText('#');
        expect(await violations(page), 'export').toEqual([]);
        await page.keyboard.press('Escape');
        await page.locator('.head [aria-haspopup=menu]').click();
        await expect(page.getByRole('menuitem').first()).toBeFocused();
        expect(await violations(page), 'menu').toEqual([]);
        await page.keyboard.press('Escape');
        await page.keyboard.press('?');
        expect(await violations(page), 'shortcuts').toEqual([]);
        await page.keyboard.press('Escape');
        await page.keyboard.press('Control+k');
        await expect(page.locator('dialog').getByRole('option').first()).toBeVisible();
        expect(await violations(page), 'palette').toEqual([]);
        await page.keyboard.press('Escape');
        await page.locator('.versions button').click();
        expect(await violations(page), 'another version').toEqual([]);
        await page.keyboard.press('Escape');
        await page.locator('.tabs .chat').click();
        await expect(page.locator('.suggestions button').first()).toBeVisible();
        expect(await violations(page), 'chat').toEqual([]);
        if (size === 'phone') await page.locator('.tabs .transcript').click();
        await page.locator('#segment-1').focus();
        await page.keyboard.press('e');
        expect(await violations(page), 'editor').toEqual([]);
        await page.keyboard.press('Escape');
        expect(await overflow(page)).toBe(0);
        await page.goto(`${fake.url}#/`);
        await page.locator('summary').click();
        await drop(page, [{ name: `${LONG}.wav`, body: 'sound' }]);
        await expect(page.locator('li').filter({ hasText: LONG }).first()).toBeVisible();
        expect(await violations(page), 'options and uploads').toEqual([]);
        expect(await overflow(page)).toBe(0);
      });
    });
  }
}

test('the narrowest phone still fits', async ({ page, fake }) => {
  await page.setViewportSize({ width: 320, height: 568 });
  for (const [name, hash] of Object.entries(library(fake))) {
    await page.goto(`${fake.url}${hash}`);
    await settled(page);
    expect(await overflow(page), name).toBe(0);
  }
});

test('a phone on its side has room for the text', async ({ page, fake }) => {
  await page.setViewportSize({ width: 740, height: 360 });
  const views = library(fake);
  await page.goto(`${fake.url}${views.done}`);
  await page.getByRole('button', { name: 'Transcript', exact: true }).click();
  const box = await page.getByRole('region', { name: 'Transcript' }).boundingBox();
  expect(box?.height).toBeGreaterThanOrEqual(220);
  expect(await overflow(page)).toBe(0);
});

test('on a phone, transcript and minutes are one tap apart', async ({ page, fake }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const views = library(fake);
  await page.goto(`${fake.url}${views.done}`);
  const [text, minutes] = [
    page.getByRole('region', { name: 'Transcript' }),
    page.getByRole('region', { name: 'Minutes' }),
  ];
  await expect(minutes).toBeVisible();
  await expect(text).toBeHidden();
  await minutes.getByRole('button', { name: '0:40, play what was said' }).first().click();
  await page.getByRole('button', { name: 'Transcript', exact: true }).click();
  await expect(minutes).toBeHidden();
  await expect(text.locator('.current')).toBeInViewport();
  await expect(text.locator('.current')).toContainText('0:40');
});

test('the keyboard alone gets from the library to a decision’s sound and back', async ({ page, fake }) => {
  const views = library(fake);
  await page.goto(fake.url);
  await settled(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  const tabTo = async (target: import('@playwright/test').Locator, most = 60) => {
    for (let n = 0; n < most; n += 1) {
      await page.keyboard.press('Tab');
      if (await target.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error('Tab does not get there');
  };
  await tabTo(page.getByRole('link', { name: LONG }));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${fake.url}${views.done}`);
  const decision = page.getByRole('listitem').filter({ hasText: 'The export ships in March' }).getByRole('button');
  await expect(decision).toBeVisible();
  await page.getByRole('link', { name: 'Library', exact: true }).focus();
  // The whole transcript is one stop, with arrows inside.
  await tabTo(page.locator('#segment-0'), 12);
  for (let n = 0; n < 25; n += 1) await page.keyboard.press('ArrowDown');
  await expect(page.locator('#segment-25')).toBeFocused();
  await expect(page.locator('#segment-25')).toBeInViewport();
  await page.keyboard.press('End');
  await expect(page.locator('#segment-199')).toBeFocused();
  await page.keyboard.press('Home');
  await expect(page.locator('#segment-0')).toBeFocused();
  await tabTo(decision, 12);
  await page.keyboard.press('Enter');
  await expect
    .poll(() => page.evaluate(() => document.querySelector('audio')?.currentTime))
    .toBeGreaterThanOrEqual(30.5);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('go to the lib');
  await expect(page.locator('dialog').getByRole('option')).toHaveText([/Go to the library/]);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${fake.url}#/`);
});

test('menus are driven by arrows and give the focus back', async ({ page, fake }) => {
  library(fake);
  await page.goto(fake.url);
  const button = page.getByRole('button', { name: 'Actions for Call' });
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Rename' })).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('menuitem', { name: 'Delete' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitem', { name: 'Rename' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(button).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Rename' })).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: 'Call', exact: true })).toHaveCount(0);
  // The focus is not lost with the row.
  expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY');
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('link', { name: 'Call', exact: true })).toBeVisible();
});

test('language and appearance are chosen and kept', async ({ page, fake }) => {
  await page.goto(fake.url);
  await page.getByRole('button', { name: 'Language of the page' }).click();
  await page.getByRole('menuitemradio', { name: '한국어' }).click();
  await expect(page.getByRole('heading', { name: '녹음을 놓으면, 회의록이 됩니다' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ko');
  await page.getByRole('button', { name: '화면 모드' }).click();
  await page.getByRole('menuitemradio', { name: '어둡게' }).click();
  await page.reload();
  await expect(page.getByRole('heading', { name: '녹음을 놓으면, 회의록이 됩니다' })).toBeVisible();
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe('rgb(21, 22, 20)');
});

test('nothing moves for who wants nothing to move', async ({ page, fake }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const views = library(fake);
  await page.goto(`${fake.url}${views.running}`);
  await settled(page);
  const moving = () =>
    page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length);
  await expect.poll(moving).toBe(0);
});
