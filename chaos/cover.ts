/** Which cells are tried: all, or few that bring every act and every moment together with every fault. */

import { createHash } from 'node:crypto';
import type { Moment } from './model.ts';

export interface Coverable {
  readonly acts: readonly string[];
  readonly faults: readonly string[];
  readonly moments: readonly Moment[];
  /** True, or why the fault cannot strike the act at the moment. */
  occurs(act: string, fault: string, moment: Moment): true | string;
  readonly seed: number;
  /** Every cell that can occur. */
  readonly full: boolean;
}

export interface Place {
  readonly act: string;
  readonly fault: string;
  readonly moment: Moment;
}

export interface Cover {
  readonly cells: readonly Place[];
  readonly impossible: readonly (Place & { readonly because: string })[];
}

/**
 * The fewest cells in which each act meets each fault and each fault each moment, wherever that can occur; another seed
 * chooses others. Acts and faults are told apart by their names alone, and their order decides only that of the cells.
 */
export function cover({ acts, faults, moments, occurs, seed, full }: Coverable): Cover {
  const impossible: Cover['impossible'][number][] = [];
  const cells = faults.flatMap((fault) => {
    const possible = new Map<string, readonly Moment[]>();
    for (const act of acts) {
      const those = moments.filter((moment) => {
        const reason = occurs(act, fault, moment);
        if (reason !== true) impossible.push({ act, fault, moment, because: reason });
        return reason === true;
      });
      possible.set(act, those);
    }
    const chosen = full ? possible : fewest(possible, moments, (act) => rankOf(seed, fault, act));
    return acts.flatMap((act) =>
      moments.filter((moment) => chosen.get(act)?.includes(moment)).map((moment) => ({ act, fault, moment })),
    );
  });
  return { cells, impossible };
}

/** A smallest edge cover of acts and moments: a largest matching, and one edge more for whatever it left out. */
function fewest(
  possible: ReadonlyMap<string, readonly Moment[]>,
  moments: readonly Moment[],
  rank: (act: string) => string,
): ReadonlyMap<string, readonly Moment[]> {
  const acts = [...possible.keys()].toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1));
  const matched = matching(acts, possible, moments);
  const chosen = new Map([...matched].map(([act, moment]) => [act, [moment]]));
  const met = new Set(matched.values());
  const counts = new Map(moments.map((moment) => [moment, met.has(moment) ? 1 : 0]));
  for (const moment of moments.filter((one) => !met.has(one))) {
    const act = acts.find((one) => possible.get(one)?.includes(moment));
    if (act === undefined) continue;
    chosen.set(act, [...(chosen.get(act) ?? []), moment]);
    counts.set(moment, 1);
  }
  for (const act of acts.filter((one) => !chosen.has(one))) {
    // The moment that was taken least so far, so that they come to about as many acts each.
    const [moment] = (possible.get(act) ?? []).toSorted(
      (one, other) => (counts.get(one) ?? 0) - (counts.get(other) ?? 0),
    );
    if (moment === undefined) continue;
    chosen.set(act, [moment]);
    counts.set(moment, (counts.get(moment) ?? 0) + 1);
  }
  return chosen;
}

/** By augmenting paths: as many moments as can be get an act of their own. */
function matching(
  acts: readonly string[],
  possible: ReadonlyMap<string, readonly Moment[]>,
  moments: readonly Moment[],
): ReadonlyMap<string, Moment> {
  const matched = new Map<string, Moment>();
  const augment = (moment: Moment, seen: Set<string>): boolean => {
    for (const act of acts) {
      if (seen.has(act) || !possible.get(act)?.includes(moment)) continue;
      seen.add(act);
      const rival = matched.get(act);
      if (rival !== undefined && !augment(rival, seen)) continue;
      matched.set(act, moment);
      return true;
    }
    return false;
  };
  for (const moment of moments) augment(moment, new Set());
  return matched;
}

/** An order of names that the seed decides. */
export function rankOf(seed: number, ...names: readonly string[]): string {
  return createHash('sha256')
    .update([seed, ...names].join(' '))
    .digest('hex');
}
