/** A tiny reference system with a test that watches and one that does not; `tests-judge.test.ts` asks them. */

import { defineConfig } from 'vitest/config';
import { wantsStack } from '../../../reports/progress.ts';

export default defineConfig({
  test: {
    onStackTrace: wantsStack,
    projects: [
      { extends: true, test: { name: 'acceptance', isolate: false, include: ['suites/acceptance/*/*.case.ts'] } },
    ],
  },
});
