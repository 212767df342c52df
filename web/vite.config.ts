import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the API: a running `seogi serve`, or the tests' stand-in. */
const server = process.env.SEOGI_URL ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [svelte()],
  // Relative addresses: the page also works under a sub-path of a proxy.
  base: './',
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // Nothing is inlined: the policy allows no `data:` but pictures, and hashed files are cached for ever.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': server, '/readyz': server } },
  test: { include: ['tests/unit/**/*.test.ts'] },
});
