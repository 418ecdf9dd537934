/** Tiny suites that end in every way a suite can end; the runner's own tests run them. */

import { defineConfig } from 'vitest/config';
import { wantsStack } from '../../../reports/progress.ts';

export default defineConfig({
  test: {
    onStackTrace: wantsStack,
    projects: [
      { extends: true, test: { name: 'self', include: ['suites/self/runner/*.case.ts'], testTimeout: 120_000 } },
    ],
  },
});
