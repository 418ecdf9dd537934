/** How a test of chaos hands its result to the reports; what is not held fails the test, and says why. */

import type { TaskMeta } from 'vitest';
import type { FaultProxy, ScenarioResult, ScheduleResult, Sweep } from '../../chaos/model.ts';
import { scenarioFailure, scheduleFailure, sweepFailure } from '../../reports/chaos-failures.ts';

interface Task {
  readonly meta: TaskMeta;
}

/**
 * For the end of a test of one scenario on one system.
 * @param proxy that of the switchboard
 * @throws NotHeld where it is blocking and not held, or unknown; a warning that is broken is shown alone
 */
export function tellScenario(task: Task, proxy: FaultProxy, scenario: ScenarioResult): void {
  task.meta.chaos = { proxy, scenario };
  demand(scenarioFailure(scenario));
}

/** For the end of a test of a sweep, whole or in parts. JUnit shows one test an act. @throws NotHeld where a cell is not held, or a pair was not tried */
export function tellSweep(task: Task, proxy: FaultProxy, sweep: Sweep): void {
  task.meta.chaos = { proxy, sweep };
  demand(sweepFailure(sweep));
}

/** For the end of a test of random schedules on one system. @throws NotHeld where they are not held */
export function tellSchedule(task: Task, proxy: FaultProxy, schedule: ScheduleResult): void {
  task.meta.chaos = { proxy, schedule };
  demand(scheduleFailure(schedule));
}

/** What was seen stands in the reports, and a stack would say nothing to the reader: `wantsStack` knows the name. */
function demand(failure: string | null): void {
  const [first] = failure?.split('\n') ?? [];
  if (first !== undefined) throw Object.assign(new Error(first), { name: 'NotHeld' });
}
