/** What a test of chaos tells: it reaches the reports whatever the verdict, and fails the test where it must. */

import { expect, test } from 'vitest';
import { tellScenario, tellSchedule, tellSweep } from '../chaos/told.ts';
import { broken, brokenSchedule, held, heldSweep, proxy, schedule, sweep, warned } from './sample-chaos.ts';

const notHeld = (message: RegExp) =>
  expect.objectContaining({ name: 'NotHeld', message: expect.stringMatching(message) });

test.for([
  ['a blocking scenario that is broken fails', broken, /^C-03 core is not held: no write passes \(3 of 3 passed\)$/],
  [
    'one that could not be judged fails, a warning too',
    { ...warned, verdict: 'unknown', evidence: [] },
    /^C-04 core could not be judged: it states nothing that must hold/,
  ],
] as const)('%s', ([, scenario, message]) => {
  const task = { meta: {} };
  expect(() => tellScenario(task, proxy, scenario)).toThrow(notHeld(message));
  expect(task.meta).toEqual({ chaos: { proxy, scenario } });
});

test('what is held fails nothing, and neither does a warning that is broken', () => {
  for (const scenario of [held, warned]) tellScenario({ meta: {} }, proxy, scenario);
  tellSweep({ meta: {} }, proxy, heldSweep);
  tellSchedule({ meta: {} }, proxy, schedule);
});

test('a sweep fails by its cells that are not held', () => {
  const task = { meta: {} };
  expect(() => tellSweep(task, proxy, sweep)).toThrow(notHeld(/^core: 2 of 8 cells not held$/));
  expect(task.meta).toEqual({ chaos: { proxy, sweep } });
});

test.for([
  [
    'a pair of act and fault',
    ({ act, fault }: { act: string; fault: string }) => act.startsWith('INSERT') && fault === 'terminated',
  ],
  [
    'a pair of fault and moment',
    ({ fault, moment }: { fault: string; moment: string }) => fault === 'terminated' && moment === 'query',
  ],
] as const)('a sweep fails where %s was left out', ([, isLeftOut]) => {
  const cells = heldSweep.cells.filter((cell) => !isLeftOut(cell));
  expect(() => tellSweep({ meta: {} }, proxy, { ...heldSweep, cells })).toThrow(
    notHeld(/^memory: [12] pairs? neither tried nor impossible$/),
  );
});

test('in full a sweep fails by each cell that was left out, and an empty one by being empty', () => {
  expect(() => tellSweep({ meta: {} }, proxy, { ...heldSweep, full: true })).toThrow(
    notHeld(/^memory: 8 pairs neither tried nor impossible/),
  );
  const empty = { ...heldSweep, acts: [], cells: [], impossible: [] };
  expect(() => tellSweep({ meta: {} }, proxy, empty)).toThrow(notHeld(/^memory: no cell was tried/));
});

test('random schedules fail by their shortest counterexample', () => {
  expect(() => tellSchedule({ meta: {} }, proxy, brokenSchedule)).toThrow(
    notHeld(/^messaging: random schedules of faults: not held: 2 messages where the model has 1$/),
  );
});
