import { expect, test } from '../harness';

// The stand-in is not ready, and says so by the status of its answer.
test.use({ expected: /status of 503/ });

test.describe('whoever looks after the server', () => {
  test('sees who works on what, what waits, and what is not well', async ({ page, fake }) => {
    fake.admin['GET /readyz'] = { ...fake.admin['GET /readyz'], status: 503 };
    await page.goto(fake.url);
    await page.getByRole('link', { name: 'Administration' }).click();
    const workers = page.getByRole('region', { name: 'Queue and workers' });
    await expect(workers.getByRole('listitem').first()).toContainText('lab-2');
    await expect(workers.getByRole('link', { name: 'Board <b>meeting</b>' })).toBeVisible();
    await expect(workers).toContainText(/Transcribing\s+40% · for 2 min/);
    await expect(workers).toContainText('Not heard of for 1 min. Is it still running?');
    await expect(workers).toContainText('1,204');
    const health = page.getByRole('region', { name: 'Health and storage' });
    await expect(health).toContainText('the model is not there; fetch it');
    await expect(health).toContainText('1208 recordings, 48 GB · 1 unfinished upload, 3 MB');
    fake.admin['GET /api/v1/workers'] = { workers: [], statuses: {}, oldest_waiting_at: null };
    await expect(workers).toContainText('No worker is running.');
  });

  test('fetches a model, sees how far that is, and deletes it', async ({ page, fake }) => {
    const { models } = fake.admin['GET /api/v1/models'] as { models: { name: string }[] };
    const small = (more: object) => {
      const told = models.map((model) => (model.name === 'small' ? { ...model, ...more } : model));
      fake.admin['GET /api/v1/models'] = { here: true, models: told };
    };
    fake.admin['POST /api/v1/models/small'] = { status: 202 };
    fake.admin['DELETE /api/v1/models/small'] = { freed: 1e6 };
    await page.goto(`${fake.url}#/admin`);
    const list = page.getByRole('region', { name: 'Speech models' });
    await expect(list.getByText('in use')).toHaveCount(1);
    await expect(list.getByRole('button', { name: 'Delete base' })).toHaveCount(0);
    await list.getByText('1 more model to fetch').click();
    small({ fetching: { done: 5, of: 10 } });
    await list.getByRole('button', { name: 'Fetch small' }).click();
    await expect(list.getByRole('progressbar', { name: 'Fetching small' })).toHaveAttribute('aria-valuenow', '50');
    expect(fake.log).toContain('POST /api/v1/models/small');
    small({ problem: 'the mirror is away; try again' });
    await expect(list.getByRole('alert')).toHaveText('the mirror is away; try again');
    small({ installed: true });
    await page.reload();
    await list.getByRole('button', { name: 'Delete small' }).click();
    await expect(page.getByText('small is deleted, 1 MB are free again.')).toBeVisible();
    fake.admin['GET /api/v1/models'] = { here: false, models: [] };
    await page.reload();
    await expect(list).toContainText('lie with the workers');
  });

  test('tests a language model, and copies a line for the shell', async ({ page, fake, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(`${fake.url}#/admin`);
    await page.getByRole('button', { name: 'Test ollama' }).click();
    await expect(page.getByText('Ollama does not answer; start it')).toBeVisible();
    await page.getByRole('button', { name: 'Test extractive' }).click();
    await expect(page.getByText('minutes are put together')).toBeVisible();
    await page.getByRole('button', { name: 'Copy: Upload a recording' }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toBe(`curl -F title=Weekly -F file=@meeting.m4a "${fake.url}api/v1/jobs"`);
  });
});
