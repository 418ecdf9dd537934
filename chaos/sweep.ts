/** Tries many cells, a few at a time: each on a clone and through a proxy of its own. */

import type { Lab } from '../fixtures/lab/lab.ts';
import type { ServerControl } from '../fixtures/servers/control.ts';
import type { Acted, KnownAct } from './acts.ts';
import type { CellGround } from './aftermath.ts';
import { tryCell } from './cell.ts';
import type { Switchboard } from './line.ts';
import type { Cell, CellResult, Impossible, Moment, OnCell } from './model.ts';
import type { SweepFault } from './moments.ts';
import { sharedStrike } from './shared-strike.ts';
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

/** Calls that one strike of a fault that the whole server feels may strike: with their sessions they must leave it slots. */
const TOGETHER = 8;

/**
 * Cells of faults that the whole server feels come last: a few calls at a time are brought to their moments, and struck at once.
 * @returns what came of each cell, in their order: tried, or impossible with its reason
 * @throws RangeError for a cell of an act or a fault that is not known; the signal's reason when that ended it
 */
export async function sweep(
  { acts, settings }: Acted,
  cells: readonly Cell[],
  { lab, switchboard, faults, server, workers = WORKERS, onCell, signal }: SweepOptions,
): Promise<readonly (CellResult | Impossible)[]> {
  const ground: CellGround = { lab, switchboard, settings, server: server ?? null, relearnt: new Map() };
  const tasks = cells.map((cell): Task => {
    const act = acts.find(({ name }) => name === cell.act);
    const struck = faults.find(({ fault }) => fault.id === cell.fault);
    if (!act || !struck) throw new RangeError(`${cell.act} under ${cell.fault} is no cell of ${cell.system}`);
    return { act, struck, moment: cell.moment };
  });
  const results = new Map<Task, CellResult | Impossible>();
  const doTask = async (task: Task, struck: SweepFault) => {
    signal?.throwIfAborted();
    const result = await tryCell(ground, task.act, struck, task.moment);
    results.set(task, result);
    onCell?.(result);
    return result;
  };
  await allOf(
    tasks.filter((task) => !isWide(task)),
    workers,
    (task) => doTask(task, task.struck),
  );
  for (const group of groupsOf(tasks.filter(isWide))) await strikeTogether(group, doTask);
  return tasks.flatMap((task) => results.get(task) ?? []);
}

interface Task {
  readonly act: KnownAct;
  readonly struck: SweepFault;
  readonly moment: Moment;
}

function isWide({ struck }: Task): boolean {
  return struck.on === 'field' && struck.fault.strikes === 'server';
}

/** Each of one fault. */
function groupsOf(tasks: readonly Task[]): readonly (readonly Task[])[] {
  const alone = tasks.filter(({ struck: { on, fault }, moment }) => on === 'field' && fault.alone?.includes(moment));
  const byFault = Map.groupBy(
    tasks.filter((task) => !alone.includes(task)),
    ({ struck }) => struck.fault.id,
  );
  const together = [...byFault.values()].flatMap((some) =>
    Array.from({ length: Math.ceil(some.length / TOGETHER) }, (_, at) =>
      some.slice(at * TOGETHER, (at + 1) * TOGETHER),
    ),
  );
  return [...together, ...alone.map((task) => [task])];
}

async function strikeTogether(
  group: readonly Task[],
  doTask: (task: Task, struck: SweepFault) => Promise<unknown>,
): Promise<void> {
  const [first] = group;
  if (first?.struck.on !== 'field') return;
  const shareOf = sharedStrike(first.struck.fault, group.length);
  await allOf(group, group.length, async (task) => {
    const { fault, done } = shareOf();
    await doTask(task, { on: 'field', fault }).finally(done);
  });
}
