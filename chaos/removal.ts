/** How a protection is removed: by the operators that make mutants of a project, and by its own statements. */

import type { Lab } from '../fixtures/lab/lab.ts';
import { isMutant, type Mutant } from '../fixtures/model/mutant.ts';
import { readGround } from '../fixtures/mutate/ground.ts';
import { loadOperators } from '../fixtures/mutate/load-operators.ts';
import { folderOf } from './perform.ts';
import type { Protection, Removed, Scenario } from './scenario.ts';

/** Which operators remove guards of a kind, told by its name. */
const REMOVERS: readonly (readonly [name: RegExp, operators: readonly string[]])[] = [
  [/^trigger /, ['trigger-disabled']],
  [/^constraint /, ['constraint-dropped', 'unique-dropped']],
  [/^policy /, ['policy-dropped']],
  [/^row security /, ['row-security-off']],
  [/^function .*: guard /, ['routine-guard-marked']],
  [/^function /, ['routine-lock-dropped']],
];

export type Remover = (scenario: Scenario, protection: Protection) => Promise<Removed>;

/** Reads each system once: its guards are found by parsing every routine. */
export function openRemover(lab: Lab): Remover {
  const known = new Map<string, Promise<readonly Mutant[]>>();
  const mutants = (system: string, operator: string) => {
    const key = `${system} ${operator}`;
    const made = known.get(key) ?? mutantsOf(lab, system, operator);
    known.set(key, made);
    return made;
  };
  return async ({ system }, { id, guards = [], remove = [] }) => {
    const sql: string[] = [];
    for (const guard of guards) {
      const operators = REMOVERS.find(([name]) => name.test(guard))?.[1] ?? [];
      const all = await Promise.all(operators.map((operator) => mutants(system, operator)));
      const found = all.flat().find((mutant) => mutant.guard === guard && mutant.removes);
      if (!found) throw new Error(`no operator removes ${guard} of ${system}`);
      sql.push(...found.sql);
    }
    return { id, sql: [...sql, ...remove] };
  };
}

async function mutantsOf(lab: Lab, system: string, id: string): Promise<readonly Mutant[]> {
  await using db = await lab.clone({ project: folderOf(system) });
  const { template, catalog, owner } = db;
  const ground = await readGround(owner, catalog, {
    platform: template.project.platform,
    clientRoles: template.clientRoles,
    setting: null,
  });
  const operator = (await loadOperators()).find((one) => one.id === id);
  return [...(operator?.mutants(ground) ?? [])].filter(isMutant);
}
