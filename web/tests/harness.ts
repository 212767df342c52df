import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test as base, type Page } from '@playwright/test';
import { FakeServer } from './fake/server';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Harness {
  /** A stand-in for the API, which also serves the built page. */
  fake: FakeServer;
  /** Complaints of the browser that a test expects; any other fails it. */
  expected: RegExp;
}

/** Tests whose pages must not cause an error, a complaint in the console or a report of the policy. */
export const test = base.extend<Harness>({
  fake: async ({}, use) => {
    const fake = await FakeServer.start('dist');
    await use(fake);
    fake.stop();
  },
  expected: async ({}, use) => use(/^$/),
  page: async ({ page, expected }, use) => {
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    await page.addInitScript(() =>
      addEventListener('securitypolicyviolation', (event) =>
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`),
      ),
    );
    await use(page);
    expect(complaints.filter((text) => !expected.test(text))).toEqual([]);
  },
});

export { expect };

/** Violations of the WCAG's levels A and AA, one line for each element. */
export async function violations(page: Page): Promise<string[]> {
  // Colours on their way from one to another are none that anybody reads.
  await page.evaluate(() => {
    for (const one of document.getAnimations()) {
      if (one.effect?.getTiming().iterations === Infinity) one.cancel();
      else one.finish();
    }
  });
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await axe.run(document, { runOnly: tags });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
    );
  });
}

/** Lets files fall onto the page, as from the desktop. */
export async function drop(page: Page, files: { name: string; type?: string; body: Buffer | string }[]): Promise<void> {
  const carried = files.map(({ name, type = 'audio/wav', body }) => ({
    name,
    type,
    base64: Buffer.from(body).toString('base64'),
  }));
  const transfer = await page.evaluateHandle((list) => {
    const transfer = new DataTransfer();
    for (const { name, type, base64 } of list) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type, lastModified: 1_700_000_000_000 }));
    }
    return transfer;
  }, carried);
  for (const event of ['dragenter', 'dragover', 'drop'])
    await page.dispatchEvent('body', event, { dataTransfer: transfer });
}

/** Pixels by which the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
