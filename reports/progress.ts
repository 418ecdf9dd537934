/** What is shown while tests run: Vitest's own reporter, with the closing summary left to `terminal.ts`. */

import type { Reporter, TestCase } from 'vitest/node';
import { DefaultReporter } from 'vitest/node';

/** Without a terminal a line this often says that the run goes on. */
const heartbeatMilliseconds = 10_000;

/** One line a file, live counts on a terminal; at the end each failure, but nothing where the run itself was impossible. */
export function showProgress(impossible: () => boolean): Reporter {
  const reporter = new DefaultReporter({ summary: process.stdout.isTTY === true });
  const printFailures = reporter.reportSummary.bind(reporter);
  reporter.reportSummary = (files, errors) => {
    if (!impossible()) printFailures(files, errors);
  };
  reporter.reportTestSummary = () => {};
  const end = reporter.onTestRunEnd.bind(reporter);
  // Of a file with a failure, the tests that passed are no news.
  const printTest: (state: string, test: TestCase) => void = Reflect.get(reporter, 'printTestCase').bind(reporter);
  Object.assign(reporter, { printTestCase: (_: string, test: TestCase) => printTest('passed', test) });
  reporter.onTestRunEnd = (modules, errors, reason) => {
    if (modules.length + errors.length > 0) end(modules, errors, reason);
  };
  return reporter;
}

/** Errors that explain themselves: their stack says nothing to the reader. */
export function wantsStack(error: { readonly name?: string }): boolean {
  return !['CannotRun', 'Finding', 'NotHeld'].includes(error.name ?? '');
}

/** Says every ten seconds how many files are done, where there is no terminal to show it live. */
export function showHeartbeat(say: (line: string) => void): Reporter {
  let timer: NodeJS.Timeout | undefined;
  let done = 0;
  return {
    onTestRunStart: (files) => {
      if (process.stdout.isTTY) return;
      const start = performance.now();
      const seconds = () => Math.round((performance.now() - start) / 1000);
      timer = setInterval(() => say(` … ${seconds()} s, ${done} of ${files.length} files done`), heartbeatMilliseconds);
    },
    onTestModuleEnd: () => {
      done += 1;
    },
    onTestRunEnd: () => clearInterval(timer),
  };
}
