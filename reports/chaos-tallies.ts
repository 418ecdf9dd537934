/** What a sweep comes to: counts by fault and moment, counts by act, and whether anything was left out. */

import type { Act, CellResult, ChaosVerdict, Impossible, Moment, Sweep } from '../chaos/model.ts';
import { moments } from '../chaos/model.ts';
import { compare } from './findings.ts';

export interface CellTally {
  readonly held: number;
  readonly broken: number;
  readonly unknown: number;
  readonly impossible: number;
}

/** One place of the matrix, over all acts. */
export interface MatrixPlace extends CellTally {
  readonly fault: string;
  readonly moment: Moment;
  /** Why cells of it cannot occur, each reason once. */
  readonly because: readonly string[];
}

export interface ActTally extends CellTally {
  readonly system: string;
  readonly name: string;
  readonly kind: Act['kind'];
  readonly repeats: Act['repeats'];
}

interface Cells {
  readonly cells: readonly CellResult[];
  readonly impossible: readonly Impossible[];
}

export function tallyCells({ cells, impossible }: Cells): CellTally {
  const count = (verdict: ChaosVerdict) => cells.filter((cell) => cell.verdict === verdict).length;
  return { held: count('held'), broken: count('broken'), unknown: count('unknown'), impossible: impossible.length };
}

/** Every fault of any of the sweeps × every moment, in the order in which faults and moments are listed. */
export function matrixOf(sweeps: readonly Sweep[]): readonly MatrixPlace[] {
  const cells = Map.groupBy(
    sweeps.flatMap((sweep) => sweep.cells),
    placeOf,
  );
  const impossible = Map.groupBy(
    sweeps.flatMap((sweep) => sweep.impossible),
    placeOf,
  );
  return faultsOf(sweeps).flatMap(({ id: fault }) =>
    moments.map((moment) => {
      const place = placeOf({ fault, moment });
      const never = impossible.get(place) ?? [];
      return {
        fault,
        moment,
        ...tallyCells({ cells: cells.get(place) ?? [], impossible: never }),
        because: [...new Set(never.map(({ because }) => because))].toSorted(compare),
      };
    }),
  );
}

/** Each fault once. */
export function faultsOf(sweeps: readonly Sweep[]): Sweep['faults'] {
  return [...new Map(sweeps.flatMap(({ faults }) => faults.map((fault) => [fault.id, fault] as const))).values()];
}

export function actTallies({ system, acts, cells, impossible }: Sweep): readonly ActTally[] {
  const tried = Map.groupBy(cells, ({ act }) => act);
  const never = Map.groupBy(impossible, ({ act }) => act);
  return acts.map(({ name, kind, repeats }) => {
    const own = { cells: tried.get(name) ?? [], impossible: never.get(name) ?? [] };
    return { system, name, kind, repeats, ...tallyCells(own) };
  });
}

/**
 * Pairs of act and fault, and of fault and moment, of which nothing was tried though nobody says that they cannot occur; in
 * full every such cell; and acts of which nothing was tried at all. Empty, as it has to be, where the choice of cells was made by `cover`.
 */
export function gapsOf({ acts, faults, cells, impossible, full }: Sweep): readonly string[] {
  const tried = new Set(cells.map(nameOf));
  const never = new Set(impossible.map(nameOf));
  const open = acts.flatMap(({ name: act }) =>
    faults.flatMap(({ id: fault }) =>
      moments.map((moment) => ({ act, fault, moment })).filter((cell) => !never.has(nameOf(cell))),
    ),
  );
  const bare = acts
    .filter(({ name }) => !cells.some(({ act }) => act === name))
    .map(({ name }) => `${name} × any fault`);
  if (full) return [...bare, ...open.map(nameOf).filter((name) => !tried.has(name))];
  const pairs = [({ act, fault }: Place) => `${act} × ${fault}`, ({ fault, moment }: Place) => `${fault} × ${moment}`];
  const gaps = pairs.flatMap((pairOf) => {
    const met = new Set(cells.map(pairOf));
    return [...new Set(open.map(pairOf))].filter((pair) => !met.has(pair));
  });
  return [...bare, ...gaps];
}

type Place = Pick<CellResult, 'act' | 'fault' | 'moment'>;

function placeOf({ fault, moment }: Omit<Place, 'act'>): string {
  return `${fault} × ${moment}`;
}

function nameOf({ act, fault, moment }: Place): string {
  return `${act} × ${fault} × ${moment}`;
}
