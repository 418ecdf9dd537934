/** Which test fails without which guard, as a table for the terminal. */

import { isSound, type TestWatch } from '../../reports/mutation.ts';

/** One line for each test and guard that it names, what is wrong with it below, and a last one that counts. */
export function watchTable(watches: readonly TestWatch[]): readonly string[] {
  const width = Math.max(0, ...watches.map(({ test }) => test.length));
  const indent = ' '.repeat(width + 2);
  const whole = watches.some(({ red }) => red !== null);
  const pad = whole ? '    ' : '';
  return [
    ...watches.flatMap(({ test, guard, missed, red, faults }) => [
      `${test.padEnd(width)}  ${missed.length === 0 ? 'red        ' : 'NOT NOTICED'}${whole ? besides(test, red) : ''}  ${guard}`,
      ...[...missed.map((key) => `passes on ${key}`), ...faults].map((said) => `${indent}             ${pad}${said}`),
    ]),
    watchCount(watches),
  ];
}

/** The table's last line. */
export function watchCount(watches: readonly TestWatch[]): string {
  const sound = watches.filter(isSound);
  const happy = watches.some(({ red }) => red !== null) ? ', and what it should let pass still works' : '';
  return `${sound.length} of ${watches.length}: the test fails without the guard that it names${happy}`;
}

/** How many other ids fail as well. */
function besides(test: string, red: readonly string[] | null): string {
  const others = (red ?? []).filter((id) => id !== test).length;
  return (others === 0 ? '' : `+${others}`).padStart(4);
}
