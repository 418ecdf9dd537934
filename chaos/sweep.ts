/** Tries many cells, a few at a time: each on a clone and through a proxy of its own. */

import type { Lab } from '../fixtures/lab/lab.ts';
import type { ServerControl } from '../fixtures/servers/control.ts';
import type { Acted } from './acts.ts';
import type { CellGround } from './aftermath.ts';
import { tryCell } from './cell.ts';
import type { Switchboard } from './line.ts';
import type { Cell, CellResult, Impossible, OnCell } from './model.ts';
import type { SweepFault } from './moments.ts';
import { allOf } from './side-by-side.ts';

export interface SweepOptions {
  readonly lab: Lab;
  readonly switchboard: Switchboard;
  readonly faults: readonly SweepFault[];
  /** A server of the sweep's own, that faults may stop; absent: none. */
  readonly server?: ServerControl;
  /** Cells tried at the same time. They mostly wait. */
  readonly workers?: number;
  readonly onCell?: OnCell;
  readonly signal?: AbortSignal;
}

const WORKERS = 12;

/**
 * @returns what came of each cell, in their order: tried, or impossible with its reason
 * @throws RangeError for a cell of an act or a fault that is not known; the signal's reason when that ended it
 */
export async function sweep(
  { acts, settings }: Acted,
  cells: readonly Cell[],
  { lab, switchboard, faults, server, workers = WORKERS, onCell, signal }: SweepOptions,
): Promise<readonly (CellResult | Impossible)[]> {
  const ground: CellGround = { lab, switchboard, settings, server: server ?? null, relearnt: new Map() };
  return await allOf(cells, workers, async (cell) => {
    signal?.throwIfAborted();
    const act = acts.find(({ name }) => name === cell.act);
    const struck = faults.find(({ fault }) => fault.id === cell.fault);
    if (!act || !struck) throw new RangeError(`${cell.act} under ${cell.fault} is no cell of ${cell.system}`);
    const result = await tryCell(ground, act, struck, cell.moment);
    onCell?.(result);
    return result;
  });
}
