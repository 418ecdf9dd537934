/** The suites as Vitest projects; `scripts/test.ts` starts them with a server, a seed and the reporters. */

import { defineConfig } from 'vitest/config';
import { wantsStack } from './reports/progress.ts';

// Rowproof keeps no state in modules, so the files of a suite may share a worker's: that saves a third of the time.
const suite = (name: string, include: string, isolate: boolean) => ({
  extends: true as const,
  test: { name, include: [include], isolate, testTimeout: 120_000, hookTimeout: 120_000 },
});

export default defineConfig({
  test: {
    onStackTrace: wantsStack,
    slowTestThreshold: 5_000,
    projects: [
      suite('acceptance', 'suites/acceptance/**/*.test.ts', false),
      suite('self', 'suites/self/**/*.test.ts', true),
      suite('catalogue', 'suites/catalogue/*.test.ts', false),
      suite('attacks', 'suites/attacks/*.test.ts', false),
      suite('chaos', 'suites/chaos/*.test.ts', false),
    ],
  },
});
