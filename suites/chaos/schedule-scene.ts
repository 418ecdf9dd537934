/** What the schedules of every system share: two lines, the run's seed, how they are told, and what a counterexample must be like. */

import { expect, inject, type TestContext } from 'vitest';
import { openSwitchboard } from '../../chaos/line.ts';
import type { FaultProxy } from '../../chaos/model.ts';
import { type Checked, checkSchedules, type ScheduleOptions } from '../../chaos/schedule-check.ts';
import { tellSchedule } from './told.ts';

type Asked<World, Drawn, Command> = Omit<
  ScheduleOptions<World, Drawn, Command>,
  'access' | 'lines' | 'seed' | 'runs' | 'atMost'
>;

/** At most so long for a system's schedules; in full, ten times as much. */
const usual = { runs: 25, atMost: 18_000 };

const times = () => (inject('full') ? 10 : 1);

/** For the test that calls `hold`: three times as long where nothing was in doubt so far, and time to shorten what fails. */
export const patience = (): { readonly timeout: number } => ({ timeout: 60_000 + 4 * usual.atMost * times() });

/** Tells what came of schedules on the system as it is. @throws NotHeld */
export async function hold<World, Drawn, Command>(
  { task }: Pick<TestContext, 'task'>,
  asked: Asked<World, Drawn, Command>,
): Promise<void> {
  const { proxy, result, fates } = await checked({
    ...asked,
    ...{ runs: usual.runs * times(), atMost: usual.atMost * times() },
  });
  const counts = Object.entries(fates).map(([fate, count]) => `${count} ${fate}`);
  console.log(`${asked.system}: ${result.runs} schedules, ${result.steps} steps, calls: ${counts.join(', ')}`);
  tellSchedule(task, proxy, result);
}

/** The counterexample, line by line, which must be found, and be short. */
export async function contradiction<World, Drawn, Command>(asked: Asked<World, Drawn, Command>): Promise<string> {
  const { result } = await checked({ ...asked, runs: 1000, atMost: 60_000 });
  const { steps = [], seen, path } = result.counterexample ?? {};
  expect(result.verdict).toBe('broken');
  expect(path, 'a path that brings it back').toMatch(/^\d/);
  const said = [...steps, seen].join('\n');
  expect(steps.length, said).toBeLessThanOrEqual(12);
  return said;
}

async function checked<World, Drawn, Command>(
  options: Asked<World, Drawn, Command> & { readonly runs: number; readonly atMost: number },
): Promise<Checked & { readonly proxy: FaultProxy }> {
  const access = inject('server');
  await using switchboard = await openSwitchboard({ access });
  await using one = await switchboard.line(access, `${options.db.name} one`);
  await using two = await switchboard.line(access, `${options.db.name} two`);
  const result = await checkSchedules({ ...options, access, lines: [one, two], seed: inject('seed') });
  return { ...result, proxy: switchboard.proxy };
}
