/** The sweep of a project: its acts under every fault of the network and of the server, on the run's server and on one that may be broken. */

import type { Lab } from '../fixtures/lab/lab.ts';
import type { PopulatedSpec } from '../fixtures/mutate/stage.ts';
import type { ServerControl } from '../fixtures/servers/disposable.ts';
import { type Acted, type ArrangedAct, findActs } from './acts.ts';
import { diskFull } from './faults/disk-full.ts';
import { networkFaults } from './faults/network.ts';
import { serverFaults } from './faults/server.ts';
import type { Switchboard } from './line.ts';
import { type Cell, type CellResult, type Impossible, moments, type Sweep } from './model.ts';
import { occurs, type SweepFault, type Whose } from './moments.ts';
import { sweep } from './sweep.ts';
import { restricted, type SweepPlan, sweepBy } from './swept.ts';

/** A server and the way to it. */
export interface SweepGround {
  readonly lab: Lab;
  readonly switchboard: Switchboard;
}

/** One on which nobody else works. */
export interface OwnGround extends SweepGround {
  readonly server: ServerControl;
}

export interface ProjectSweep {
  readonly spec: PopulatedSpec;
  readonly ground: SweepGround;
  /** Opened where a fault is asked for that everybody on the server feels; a sentence where there can be none. */
  own(): Promise<OwnGround | string>;
  readonly full: boolean;
  /** As `restricted` takes it. */
  readonly only?: string | undefined;
  /** Acts with a state of their own, in place of those that the engine finds. */
  readonly arranged?: readonly ArrangedAct[];
  readonly signal?: AbortSignal;
  onStage?(name: string): void;
  onProgress?(done: number, total: number): void;
}

const allFaults: readonly SweepFault[] = [
  ...networkFaults.map((fault) => ({ on: 'wire' as const, fault })),
  ...serverFaults.map((fault) => ({ on: 'field' as const, fault })),
];

/** Faults that everybody on the server feels, and one that wants a disk of its own. */
const wide: ReadonlySet<string> = new Set(
  serverFaults.filter((fault) => fault.strikes === 'server' || fault === diskFull).map(({ id }) => id),
);

/** A server that is broken while a cell is tried bears no other. */
const ALONE = 1;

/**
 * Finds the acts, chooses the cells and tries them.
 * @throws CannotRun where the project does not migrate, or `only` names nothing
 */
export async function sweepProject(options: ProjectSweep): Promise<Sweep> {
  const { spec, ground, full, only, arranged, onStage } = options;
  onStage?.('finding what clients can do');
  const acted = await findActs(ground.lab, spec, arranged);
  const plan = restricted(planOf(acted, spec.populated.seed, full), only);
  const needsOwn = plan.faults.some(({ id }) => wide.has(id));
  const own = needsOwn ? await options.own() : 'no fault of the server was asked for';
  if (typeof own !== 'string') onStage?.('the same on a server of its own');
  const ownActed = typeof own === 'string' ? null : await findActs(own.lab, spec, arranged);
  const occursOn = (act: string, fault: string, moment: Cell['moment']) => {
    if (!wide.has(fault)) return occursFor(acted, 'shared', { act, fault, moment });
    return ownActed === null ? String(own) : occursFor(ownActed, 'own', { act, fault, moment });
  };
  onStage?.('trying cells');
  const progress = counter(options);
  return await sweepBy({ ...plan, occurs: occursOn }, async (cells) => {
    const onCell = progress(cells.length);
    const some = (are: (cell: Cell) => boolean, on: SweepGround & { server?: ServerControl }, known: Acted) =>
      sweep(known, cells.filter(are), {
        ...on,
        faults: allFaults,
        onCell,
        ...(on.server === undefined ? {} : { workers: ALONE }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    const [shared, alone] = await Promise.all([
      some(({ fault }) => !wide.has(fault), ground, acted),
      typeof own === 'string' || ownActed === null ? [] : some(({ fault }) => wide.has(fault), own, ownActed),
    ]);
    return [...shared, ...alone];
  });
}

function planOf({ system, acts, actless }: Acted, seed: number, full: boolean): SweepPlan {
  return {
    system,
    acts: acts.map(({ name, kind, repeats }) => ({ name, kind, repeats })),
    actless,
    faults: allFaults.map(({ fault: { id, says } }) => ({ id, says })),
    moments,
    seed,
    full,
    occurs: () => true,
  };
}

function occursFor({ acts }: Acted, whose: Whose, place: Pick<Cell, 'act' | 'fault' | 'moment'>): true | string {
  const act = acts.find(({ name }) => name === place.act);
  const fault = allFaults.find((one) => one.fault.id === place.fault);
  if (act === undefined || fault === undefined) return 'no call was found on the server of its own that works';
  return occurs(act, fault, place.moment, whose);
}

/** Counts over all rounds. */
function counter({ onProgress }: ProjectSweep): (more: number) => (result: CellResult | Impossible) => void {
  let done = 0;
  let total = 0;
  return (more) => {
    total += more;
    onProgress?.(done, total);
    return () => {
      done += 1;
      onProgress?.(done, total);
    };
  };
}
