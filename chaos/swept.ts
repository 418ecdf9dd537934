/** From acts and faults to a `Sweep`: cells are chosen and tried, and more of them until no pair is left empty. */

import { CannotRun } from '../fixtures/model/errors.ts';
import { cover, rankOf } from './cover.ts';
import { cellsFor, gapsOf } from './gaps.ts';
import type { Cell, CellResult, Impossible, Moment, Sweep } from './model.ts';

/** What is to be swept. */
export interface SweepPlan extends Pick<Sweep, 'system' | 'acts' | 'actless' | 'faults' | 'moments' | 'seed' | 'full'> {
  /** True, or why the fault cannot strike the act at the moment. */
  occurs(act: string, fault: string, moment: Moment): true | string;
}

/** Tries cells; what turns out to be impossible says why. */
export type TryCells = (cells: readonly Cell[]) => Promise<readonly (CellResult | Impossible)[]>;

/** A cell that turns out to be impossible is replaced by another of its pairs, wherever there is one. */
export async function sweepBy(plan: SweepPlan, tryCells: TryCells): Promise<Sweep> {
  const began = performance.now();
  const { system, acts, actless, faults, moments, seed, full } = plan;
  const named = { acts: acts.map(({ name }) => name), faults: faults.map(({ id }) => id), moments };
  const chosen = cover({ ...named, occurs: plan.occurs, seed, full });
  const cells: CellResult[] = [];
  const impossible: Impossible[] = chosen.impossible.map((place) => ({ ...place, system }));
  let next = chosen.cells;
  while (next.length > 0) {
    const results = await tryCells(next.map((place) => ({ ...place, system })));
    cells.push(...results.filter((result) => 'verdict' in result));
    impossible.push(...results.filter((result) => 'because' in result));
    const gaps = gapsOf({ acts, faults, moments, cells, impossible, full });
    next = cellsFor(gaps, { acts, moments, impossible }, ({ act, fault, moment }) => rankOf(seed, act, fault, moment));
  }
  const milliseconds = Math.round(performance.now() - began);
  return { system, seed, full, acts, actless, faults, moments, cells, impossible, milliseconds };
}

/**
 * The part of the plan that somebody asks for.
 * @param only `commit`, `reset_peer`, `INSERT public.posts`, or several such joined by ` × `: a moment, else a part of the ids of
 *   faults, else a part of the names of acts
 * @throws CannotRun where nothing has that name
 */
export function restricted(plan: SweepPlan, only: string | undefined): SweepPlan {
  return (only?.split('×') ?? []).reduce((rest, word) => restrictedBy(rest, word.trim()), plan);
}

/** Ids of the faults that are asked for, as far as that hangs on no act. */
export function faultsOf(plan: Pick<SweepPlan, 'faults' | 'moments'>, only: string | undefined): ReadonlySet<string> {
  const words = (only?.split('×') ?? []).map((word) => word.trim());
  const named = words.filter((word) => !plan.moments.some((moment) => moment === word));
  const left = named.reduce((rest, word) => faultsBy(rest, word) ?? rest, plan.faults);
  return new Set(left.map(({ id }) => id));
}

function restrictedBy(plan: SweepPlan, word: string): SweepPlan {
  const moments = plan.moments.filter((moment) => moment === word);
  if (moments.length > 0) return { ...plan, moments };
  const faults = faultsBy(plan.faults, word);
  if (faults !== null) return { ...plan, faults };
  const acts = plan.acts.filter(({ name }) => name.includes(word));
  if (acts.length > 0) return { ...plan, acts, actless: [] };
  const known = [...plan.moments, ...plan.faults.map(({ id }) => id)].join(', ');
  throw new CannotRun(
    `No act, fault or moment is called \`${word}\`.`,
    `Name a part of an act's name, or one of ${known}.`,
  );
}

/** Those of that name, else those whose names hold it; null: none. */
function faultsBy(faults: SweepPlan['faults'], word: string): SweepPlan['faults'] | null {
  const exact = faults.filter(({ id }) => id === word);
  const some = exact.length > 0 ? exact : faults.filter(({ id }) => id.includes(word));
  return some.length > 0 ? some : null;
}
