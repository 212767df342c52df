import type { Page } from '@playwright/test';
import { expect, test, violations } from '../harness';
import { makeJob, makeMinutes, makeSegments, makeTone } from './data';
import type { FakeServer } from './server';

const meeting = (fake: FakeServer, count = 40) =>
  fake.add(makeJob('Weekly', 'COMPLETED'), {
    segments: makeSegments(count),
    versions: [makeMinutes()],
    audio: makeTone(200),
  });
const transcript = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const row = (page: Page, place: number) => transcript(page).locator(`[data-index="${place}"]`);
const word = (page: Page, text: string) => transcript(page).locator('.word').getByText(text, { exact: true }).first();
const heard = (page: Page) => page.evaluate(() => document.querySelector('audio')?.currentTime ?? -1);
const said = (page: Page) => transcript(page).locator('.said');

test('a word that is clicked is heard, and the words are marked as they are said', async ({ page, fake }) => {
  const job = meeting(fake);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await word(page, 'prototype').click();
  await expect.poll(() => heard(page)).toBeGreaterThan(4);
  expect(await heard(page)).toBeLessThan(5.5);
  await expect(said(page)).toHaveCount(1);
  await expect(said(page)).toHaveText('far.', { timeout: 15_000 });
  await page.keyboard.press('k');
  expect(await violations(page)).toEqual([]);
});

test('the keyboard goes from word to word, and Tab past them all', async ({ page, fake }) => {
  const job = meeting(fake);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await expect(word(page, 'prototype')).toBeVisible();
  await row(page, 2).getByRole('button', { name: /play/ }).focus();
  const step = async (key: string, text: string) => {
    await page.keyboard.press(key);
    await expect(said(page)).toHaveText(text);
  };
  await step('Shift+ArrowRight', 'Most');
  await step('Shift+ArrowRight', 'of');
  await step('Shift+ArrowLeft', 'Most');
  await step('Shift+ArrowLeft', 'far.');
  // The focus goes along, so that the next key goes on from there.
  await expect(row(page, 1).getByRole('button', { name: /play/ })).toBeFocused();
  const stops = await transcript(page).evaluate((text) => text.querySelectorAll('[tabindex="0"], input').length);
  expect(stops).toBeLessThan(5);
});

test('words that were edited, split and merged are still heard', async ({ page, fake }) => {
  const job = meeting(fake);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await expect(word(page, 'prototype')).toBeVisible();
  await row(page, 0).getByRole('button', { name: /play/ }).focus();
  await page.keyboard.press('e');
  await page.getByRole('textbox', { name: 'Words of this segment' }).fill('Good evening, everyone. The prototype stands.');
  await page.keyboard.press('Enter');
  await word(page, 'prototype').click();
  await expect.poll(() => heard(page)).toBeGreaterThan(4);
  await word(page, 'evening,').click();
  await expect.poll(() => heard(page)).toBeLessThan(2);
  await page.keyboard.press('k');
  await row(page, 0).hover();
  await row(page, 0).getByRole('button', { name: 'Actions for 0:00' }).click();
  await page.getByRole('menuitem', { name: 'Merge with the next' }).click();
  await word(page, 'survey').click();
  await expect(row(page, 0)).toContainText('survey');
  await expect.poll(() => heard(page)).toBeGreaterThan(5);
});

test('of 30,000 words a few are rendered', async ({ page, fake }) => {
  const job = meeting(fake, 5000);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await expect(word(page, 'prototype')).toBeVisible();
  for (const moment of [0, 12_000, 24_990]) {
    await page.goto(`${fake.url}#/jobs/${job.job_id}?t=${moment}`);
    await expect(transcript(page).locator('.segment').first()).toBeVisible();
    expect(await transcript(page).locator('.segment').count()).toBeLessThan(60);
    expect(await transcript(page).locator('.word').count()).toBeLessThan(1200);
  }
});

test('a word that was heard uncertainly says so', async ({ page, fake }) => {
  const job = meeting(fake);
  fake.records.get(job.job_id)!.original[0]!.words![1]!.probability = 0.2;
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await expect(transcript(page).locator('.unsure')).toHaveText('morning,');
  await expect(transcript(page).getByTitle('Heard with 20% certainty')).toBeVisible();
});

test('a word is searched as it stands, also across words', async ({ page, fake }) => {
  const job = meeting(fake);
  await page.goto(`${fake.url}#/jobs/${job.job_id}`);
  await page.getByRole('textbox', { name: 'Search the transcript' }).fill('prototype stands');
  await expect(row(page, 0).locator('mark')).toHaveText(['prototype', ' ', 'stands']);
});
