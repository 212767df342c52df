import { drop, test } from '../harness';
import { makeJob, makeKoreanMinutes, makeMinutes, makeSegments, makeTone } from './data';
const OUT = '/tmp/shots';
for (const [theme, w, h, loc] of [['light', 1360, 860, 'en-GB'], ['dark', 390, 844, 'ko-KR'], ['light', 390, 844, 'en-GB'], ['light', 820, 1100, 'ko-KR']] as const) {
  test.describe(`${theme}${w}`, () => {
    test.use({ colorScheme: theme, locale: loc, viewport: { width: w, height: h }, deviceScaleFactor: w < 500 ? 2 : 1, expected: /./ });
    test('look', async ({ page, fake }) => {
      const now = Date.now(); const ko = loc === 'ko-KR';
      const shot = async (name: string) => { await page.waitForTimeout(500); await page.screenshot({ path: `${OUT}/${name}-${theme}-${w}.png` }); };
      const done = fake.add(makeJob(ko ? '제품팀 주간 회의' : 'Product team, weekly', 'COMPLETED', { created_at: now - 3600_000, language: ko ? 'ko' : 'en' }), { segments: makeSegments(400, ko ? 'ko' : 'en'), versions: ko ? [makeKoreanMinutes()] : [makeMinutes({ version: 2 }), makeMinutes()], audio: makeTone(120) });
      const running = fake.add(makeJob(ko ? '고객 통화, 한빛' : 'Customer call, Hanbit', 'PROCESSING', { language: ko ? 'ko' : 'en', duration_seconds: 1834, progress: { stage: 'transcribing', progress: 0.42, eta_seconds: 161, queue_position: null } }), { segments: makeSegments(19, ko ? 'ko' : 'en') });
      const failed = fake.add(makeJob('silence', 'FAILED', { failure: { code: 'no_speech', message: 'No speech was found in the recording; check that the right file was uploaded.' } }));
      const partly = fake.add(makeJob('Long talk', 'FAILED', { failure: { code: 'summary_failed', message: 'The transcript is complete, but the summary failed: Ollama does not answer at http://localhost:11434; start it.' } }), { segments: makeSegments(40) });
      await page.route('**/api/v1/jobs', async (route) => { if (route.request().method() === 'POST') await new Promise((r) => setTimeout(r, 6000)); await route.continue().catch(() => {}); });
      await page.goto(fake.url); await page.waitForTimeout(500);
      await page.locator('summary').click();
      await drop(page, [{ name: 'first part of the very long conference about names.wav', body: 'x'.repeat(300000) }, { name: 'b.wav', body: 'xx' }, { name: 'c.wav', body: 'xx' }, { name: 'empty.wav', body: '' }]);
      await shot('uploads');
      await page.locator('li [aria-haspopup=menu]').last().click(); await shot('menu');
      await page.getByRole('menuitem').last().click(); await shot('undo');
      await page.goto(`${fake.url}#/jobs/${done.job_id}?t=62`); await shot('meeting');
      await page.keyboard.press('?'); await shot('shortcuts'); await page.keyboard.press('Escape');
      if (w < 900) await page.locator('.tabs button').first().click();
      await page.locator('.minutes').evaluate((e) => (e.scrollTop = 1e6)); await shot('minutes-end');
      await page.goto(`${fake.url}#/jobs/${running.job_id}`); await shot('running');
      await page.goto(`${fake.url}#/jobs/${failed.job_id}`); await shot('failed');
      await page.goto(`${fake.url}#/jobs/${partly.job_id}`); await shot('partly');
    });
  });
}
