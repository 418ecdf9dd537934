/** The suites as Vitest projects; `scripts/test.ts` starts them with a server, a seed and the reporters. */

import { defineConfig } from 'vitest/config';
import { wantsStack } from './reports/progress.ts';

// Rowproof keeps no state in modules, so the files of a suite may share a worker's: that saves a third of the time.
const suite = (name: string, include: string, isolate: boolean) => ({
  extends: true as const,
  test: {
    name,
    include: [include],
    exclude: ['suites/acceptance/*/over-http.test.ts'],
    isolate,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

// Who watches, holds or cuts a connection needs one, and these others read the catalog alone.
const wireAlone = [
  ...['at-once', 'crash', 'network', 'outages', 'races*'],
  ...['canonical', 'governance', 'keys', 'pairs', 'properties', 'rights', 'schema'],
];

// The same tests with their statements said in the words of supabase-js.
const overHttp = {
  extends: true as const,
  test: {
    ...suite('acceptance-http', 'suites/acceptance/{core,messaging,posts}/*.test.ts', false).test,
    exclude: wireAlone.map((file) => `suites/acceptance/*/${file}.test.ts`),
    provide: { door: 'http' as const },
  },
};

export default defineConfig({
  test: {
    onStackTrace: wantsStack,
    slowTestThreshold: 5_000,
    projects: [
      suite('acceptance', 'suites/acceptance/**/*.test.ts', false),
      overHttp,
      suite('self', 'suites/self/**/*.test.ts', true),
      suite('catalogue', 'suites/catalogue/*.test.ts', false),
      suite('attacks', 'suites/attacks/*.test.ts', false),
      suite('chaos', 'suites/chaos/*.test.ts', false),
    ],
  },
});
