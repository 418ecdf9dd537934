/** What faults of the server strike in a scenario. */

import type { Field } from '../faults/field.ts';
import type { ScenarioStage } from '../scenario.ts';

/** @param victim backend of the client that is struck; null: whoever comes */
export function fieldOf({ access, db, line }: ScenarioStage, victim: number | null = null): Field {
  const { owner } = db;
  return { access, db, owner, proxy: line.proxy, victim: () => victim, holder: () => null, server: null };
}
