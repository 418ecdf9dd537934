/** Which test fails without which guard, as a table for the terminal. */

import type { TestWatch } from '../../reports/mutation.ts';

/** One line for each test and guard that it names, and a last one that counts. */
export function watchTable(watches: readonly TestWatch[]): readonly string[] {
  const width = Math.max(0, ...watches.map(({ test }) => test.length));
  const noticed = watches.filter(({ missed }) => missed.length === 0);
  return [
    ...watches.flatMap(({ test, guard, missed }) => [
      `${test.padEnd(width)}  ${missed.length === 0 ? 'red        ' : 'NOT NOTICED'}  ${guard}`,
      ...missed.map((key) => `${' '.repeat(width)}               passes on ${key}`),
    ]),
    `${noticed.length} of ${watches.length}: the test fails without the guard that it names`,
  ];
}
