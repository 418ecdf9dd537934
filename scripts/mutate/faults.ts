/** What is wrong with a test that fails without its guard: too much fails with it, or what should still work. */

import { many } from '../../reports/terminal.ts';
import type { Watch } from './questions.ts';

/** More ids than this fail for a reason, or the guard is none of its own. */
const MOST = 5;

export interface Redness {
  /** Every T-id that failed without the guard, in their order; null: all were not asked. */
  readonly red: readonly string[] | null;
  /** What is wrong, a sentence each. */
  readonly faults: readonly string[];
}

/** @param failed T-ids that failed, by the mutant's key */
export function rednessOf({ happy, reason, owed }: Watch, failed: ReadonlyMap<string, readonly string[]>): Redness {
  if (happy === null) return { red: null, faults: [] };
  const all = owed.map((key) => failed.get(key) ?? []);
  const most = Math.max(...all.map(({ length }) => length));
  return {
    red: [...new Set(all.flat())].toSorted(),
    faults: [
      ...(all.some((red) => red.includes(happy)) ? [`${happy} fails, too, which calls it with success`] : []),
      ...(most > MOST && reason === null ? [`${many(most, 'id')} fail, and guards.yaml gives no reason`] : []),
    ],
  };
}
