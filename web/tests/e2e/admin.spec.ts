import { expect, test, violations } from '../harness';
import { Program } from './program';

let program: Program;
test.beforeAll(async () => (program = await Program.start()));
test.afterAll(() => program?.stop());

test('the server is looked after from the page', async ({ page }) => {
  await page.goto(`${program.url}#/admin`);
  const part = (name: string) => page.getByRole('region', { name });
  await expect(part('Queue and workers').getByRole('listitem').first()).toContainText('toy');
  await expect(part('Health and storage')).toContainText('Database Works');
  await expect(part('Health and storage')).toContainText('0 recordings, 0 byte');
  const bundled = part('Speech models').getByRole('listitem').filter({ hasText: 'base-q5_1' });
  await expect(bundled).toContainText('came with the program');
  await part('Who writes the minutes').getByRole('button', { name: 'Test extractive' }).click();
  await expect(part('Who writes the minutes')).toContainText('no language model is used');
  expect(await violations(page)).toEqual([]);
});
