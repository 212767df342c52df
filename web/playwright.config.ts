import { defineConfig } from '@playwright/test';

/** What every browser of the tests is started with. */
export const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

/**
 * Tests of the built page in a browser. `real` runs the program itself (SEOGI_BIN, else the debug build), `fake` a
 * stand-in for what the program cannot be made to do in a test. CHROMIUM names the browser; none is downloaded.
 */
export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  fullyParallel: false,
  workers: 1,
  // A browser on a busy machine may be late once; what is wrong is wrong twice.
  retries: process.env.CI ? 1 : 0,
  timeout: 60_000,
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1360, height: 860 },
    locale: 'en-GB',
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags },
  },
  projects: [
    { name: 'fake', testMatch: 'fake/**/*.spec.ts' },
    { name: 'real', testMatch: 'e2e/**/*.spec.ts' },
    { name: 'screenshots', testMatch: 'screenshots/**/*.spec.ts' },
  ],
});
