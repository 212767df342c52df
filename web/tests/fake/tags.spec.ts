import { expect, test, violations } from '../harness';
import { makeJob } from './data';

test('tags are added and removed by the keyboard, and narrow the library', async ({ page, fake }) => {
  fake.add(makeJob('Budget', 'COMPLETED', { tags: ['<b>q1</b>'] }));
  fake.add(makeJob('Board', 'COMPLETED'));
  await page.goto(fake.url);
  await page.getByRole('button', { name: 'Actions for Board' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Tags …' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Tags' });
  await expect(dialog.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('회의');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('button', { name: 'Remove the tag 회의' })).toBeVisible();
  await page.keyboard.type('board');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('button', { name: /Remove/ })).toHaveCount(2);
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Remove the tag 회의' }).press('Enter');
  await expect(dialog.getByRole('button', { name: /Remove/ })).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  await page.getByRole('button', { name: 'Show only recordings with the tag <b>q1</b>' }).click();
  await expect(page.getByRole('link', { name: 'Board' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Budget' })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  const picker = page.getByRole('combobox', { name: 'Tag', exact: true });
  await expect(picker.locator('option')).toHaveText(['Any tag', '<b>q1</b> (1)', 'board (1)']);
  await expect(picker).toHaveValue('<b>q1</b>');
  await picker.selectOption('board');
  await expect(page.getByRole('link', { name: 'Board' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Budget' })).toHaveCount(0);
  await picker.selectOption('');
  await expect(page.getByRole('link', { name: 'Budget' })).toBeVisible();
});
