/** The suites as Vitest projects; `scripts/test.ts` starts them with a server, a seed and the reporters. */

import { defineConfig } from 'vitest/config';
import { wantsStack } from './reports/progress.ts';

const suite = (name: string, include: string) => ({
  extends: true as const,
  test: { name, include: [include], testTimeout: 30_000, hookTimeout: 60_000 },
});

export default defineConfig({
  test: {
    onStackTrace: wantsStack,
    slowTestThreshold: 5_000,
    projects: [
      suite('acceptance', 'suites/acceptance/**/*.test.ts'),
      suite('self', 'suites/self/**/*.test.ts'),
      suite('attacks', 'suites/attacks/*.test.ts'),
    ],
  },
});
