import type { Page } from '@playwright/test';
import { flags } from '../../playwright.config';
import { expect, overflow, test, violations } from '../harness';

const microphone = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];
const start = (page: Page) => page.getByRole('button', { name: 'Start recording' });

/** How much of each frequency (Hz) is in a recording. */
const loudness = (page: Page, base64: string, frequencies: number[]): Promise<number[]> =>
  page.evaluate(
    async ({ base64, frequencies }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const sound = await new AudioContext().decodeAudioData(bytes.buffer);
      const samples = sound.getChannelData(0);
      return frequencies.map((frequency) => {
        let [sine, cosine] = [0, 0];
        samples.forEach((sample, at) => {
          const angle = (2 * Math.PI * frequency * at) / sound.sampleRate;
          sine += sample * Math.sin(angle);
          cosine += sample * Math.cos(angle);
        });
        return Math.hypot(sine, cosine) / samples.length;
      });
    },
    { base64, frequencies },
  );

test.use({
  launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...flags, ...microphone] },
});

test.describe('a recording', () => {
  test.use({ permissions: ['microphone'] });

  test('is paused, goes on while the page shows something else, and is discarded only when that is meant', async ({
    page,
    fake,
  }) => {
    await page.goto(`${fake.url}#/record`);
    await start(page).click();
    await expect(page.getByText(/[1-9].* on the server/)).toBeVisible({ timeout: 30_000 });
    // The browser's own test tone beeps once a second.
    const loudness = page.getByRole('meter', { name: 'Loudness' });
    const heard = async () => Number(await loudness.getAttribute('aria-valuenow'));
    await expect.poll(heard, { intervals: [50], timeout: 30_000 }).toBeGreaterThan(30);
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect(page.getByRole('button', { name: 'Go on' })).toBeVisible();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('link', { name: 'Library', exact: true }).click();
    const pill = page.getByRole('link', { name: /A recording is being made/ });
    await expect(pill).toBeVisible();
    await pill.click();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
    await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await expect(start(page)).toBeVisible();
    await expect.poll(() => fake.uploads.size).toBe(0);
    expect(fake.records.size).toBe(0);
    await page.reload();
    await expect(page.getByText('A recording was not finished')).toHaveCount(0);
  });

  test('mixes the microphone with the sound of a tab', async ({ page, fake }) => {
    const tones = { getUserMedia: 500, getDisplayMedia: 1500 };
    await page.addInitScript((tones) => {
      for (const [name, frequency] of Object.entries(tones)) {
        Object.defineProperty(navigator.mediaDevices, name, {
          value: async () => {
            const context = new AudioContext();
            const [tone, sound] = [context.createOscillator(), context.createMediaStreamDestination()];
            tone.frequency.value = frequency;
            tone.connect(sound);
            tone.start();
            return sound.stream;
          },
        });
      }
    }, tones);
    await page.goto(`${fake.url}#/record`);
    await page.getByLabel('Sound of a tab').check();
    await start(page).click();
    await expect(page.getByText(/[1-9].* on the server/)).toBeVisible({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Stop and save' }).click();
    await expect(page.getByRole('link', { name: 'Open it' })).toBeVisible({ timeout: 30_000 });
    const sound = fake.uploads.get('upload-1')!.bytes.toString('base64');
    const [microphone = 0, tab = 0, neither = 0] = await loudness(page, sound, [...Object.values(tones), 3100]);
    expect(Math.min(microphone, tab)).toBeGreaterThan(20 * neither);
  });

  test('is of a tab alone, without a microphone', async ({ page, fake }) => {
    await page.goto(`${fake.url}#/record`);
    await page.getByLabel('Sound of a tab').check();
    await page.getByLabel('Microphone').uncheck();
    // The browser shares its test picture and its test tone.
    await start(page).click();
    await expect(page.getByText(/[1-9].* on the server/)).toBeVisible({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Stop and save' }).click();
    await expect(page.getByRole('link', { name: 'Open it' })).toBeVisible({ timeout: 30_000 });
    expect(fake.records.size).toBe(1);
  });

  test('ends where the browser has no more room, and what was recorded until then is sent', async ({ page, fake }) => {
    await page.goto(`${fake.url}#/record`);
    await start(page).click();
    await expect(page.getByText(/[1-9].* on the server/)).toBeVisible({ timeout: 30_000 });
    await page.evaluate(() => {
      const put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function (value: unknown, key?: IDBValidKey) {
        if (key !== undefined) throw new DOMException('', 'QuotaExceededError');
        return put.call(this, value);
      };
    });
    await expect(page.getByRole('alert')).toContainText('no room for more', { timeout: 30_000 });
    await expect(page.getByRole('link', { name: 'Open it' })).toBeVisible({ timeout: 30_000 });
    expect(fake.records.size).toBe(1);
  });

  test.describe('without a connection', () => {
    test.use({ expected: /ERR_|status of 404/ });

    test('waits in the browser, and is sent whole even if the server forgot what it had', async ({ page, fake }) => {
      test.slow();
      await page.goto(`${fake.url}#/record`);
      await start(page).click();
      await expect(page.getByText(/[1-9].* on the server/)).toBeVisible({ timeout: 30_000 });
      fake.refuse = (request) => (request.includes('/uploads') ? 0 : undefined);
      await expect(page.getByText('The recording is safe in this browser')).toBeVisible({ timeout: 30_000 });
      await page.getByRole('button', { name: 'Stop and save' }).click();
      await expect(page.getByText('The rest is being sent').last()).toBeVisible();
      fake.uploads.clear();
      fake.refuse = () => undefined;
      // It tries again by itself, after a wait that grows.
      await expect(page.getByRole('link', { name: 'Open it' })).toBeVisible({ timeout: 45_000 });
      const sent = [...fake.uploads.values()].map(({ bytes }) => bytes.subarray(0, 4).toString('hex'));
      // It begins as every WebM file does.
      expect(sent).toEqual(['1a45dfa3']);
      expect([...fake.records.values()][0]?.job.title).toContain('Recording, ');
    });
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`meets WCAG AA on a phone, ${colorScheme}`, async ({ page, fake }) => {
      await page.setViewportSize({ width: 320, height: 640 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.goto(`${fake.url}#/record`);
      await expect(start(page)).toBeVisible();
      expect(await violations(page), 'before').toEqual([]);
      await start(page).click();
      await expect(page.getByRole('button', { name: 'Stop and save' })).toBeVisible();
      expect(await violations(page), 'meanwhile').toEqual([]);
      expect(await overflow(page)).toBe(0);
      await page.getByRole('button', { name: 'Stop and save' }).click();
      await expect(page.getByRole('link', { name: 'Open it' })).toBeVisible({ timeout: 30_000 });
      expect(await violations(page), 'after').toEqual([]);
    });
  }
});

test('what is in the way is said in words', async ({ page, fake }) => {
  const names = { NotAllowedError: /Allow the microphone/, NotFoundError: /There is no microphone/, NotReadableError: /another program/ };
  for (const [name, words] of Object.entries(names)) {
    await page.goto('about:blank');
    await page.goto(`${fake.url}#/record`);
    await page.evaluate((name) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
    }, name);
    await start(page).click();
    await expect(page.getByRole('alert')).toContainText(words);
    await expect(start(page)).toBeEnabled();
  }
  await page.addInitScript(() => Object.defineProperty(window, 'isSecureContext', { value: false }));
  await page.goto('about:blank');
  await page.goto(`${fake.url}#/record`);
  await expect(page.getByRole('alert')).toContainText('only over https');
});
