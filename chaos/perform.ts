/** Puts a scenario on: a clone of its system, lines to it through the fault proxy, and nothing left afterwards. */

import { fileURLToPath } from 'node:url';
import type { Lab } from '../fixtures/lab/lab.ts';
import type { Switchboard } from './line.ts';
import type { ScenarioResult } from './model.ts';
import { type Removed, runScenario, type Scenario } from './scenario.ts';

export interface PerformOptions {
  readonly lab: Lab;
  readonly switchboard: Switchboard;
  readonly seed: number;
  /** A protection to go without; absent: the system as it is. */
  readonly without?: Removed;
}

/** Folder of a reference system, by its name. */
export function folderOf(system: string): string {
  return fileURLToPath(new URL(`../supabase/${system}`, import.meta.url));
}

/** @throws CannotRun when the system cannot be cloned or reached, and the server's error when the protection cannot be removed */
export async function performScenario(
  scenario: Scenario,
  { lab, switchboard, ...options }: PerformOptions,
): Promise<ScenarioResult> {
  await using db = await lab.clone({ project: folderOf(scenario.system) });
  await using lines = new AsyncDisposableStack();
  let count = 0;
  const open = async () => {
    count += 1;
    return lines.use(await switchboard.line(lab.access, `${db.name}_${count}`));
  };
  return await runScenario(scenario, { db, access: lab.access, line: await open(), open, ...options });
}
