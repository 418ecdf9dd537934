/** What a sweep comes to: counts by fault and moment, and counts by act. */

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
    momentsOf(sweeps).map((moment) => {
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

/** Each moment once. */
export function momentsOf(sweeps: readonly Sweep[]): readonly Moment[] {
  return moments.filter((moment) => sweeps.some((sweep) => sweep.moments.includes(moment)));
}

export function actTallies({ system, acts, cells, impossible }: Sweep): readonly ActTally[] {
  const tried = Map.groupBy(cells, ({ act }) => act);
  const never = Map.groupBy(impossible, ({ act }) => act);
  return acts.map(({ name, kind, repeats }) => {
    const own = { cells: tried.get(name) ?? [], impossible: never.get(name) ?? [] };
    return { system, name, kind, repeats, ...tallyCells(own) };
  });
}

function placeOf({ fault, moment }: Pick<CellResult, 'fault' | 'moment'>): string {
  return `${fault} × ${moment}`;
}
