/** The sweep of a project: its acts under every fault of the network, the server and the client, on the run's server and on one that may be broken. */

import type { Lab } from '../fixtures/lab/lab.ts';
import type { PopulatedSpec } from '../fixtures/mutate/stage.ts';
import type { ServerControl } from '../fixtures/servers/control.ts';
import { type Acted, type ArrangedAct, findActs } from './acts.ts';
import { clientFaults } from './faults/clock.ts';
import { diskFull } from './faults/disk-full.ts';
import { networkFaults } from './faults/network.ts';
import { serverFaults } from './faults/server.ts';
import { standbyFaults } from './faults/standby.ts';
import type { Switchboard } from './line.ts';
import { type Cell, moments, type OnCell, type Sweep } from './model.ts';
import { occurs, type SweepFault } from './moments.ts';
import { type SweepOptions, sweep } from './sweep.ts';
import { faultsOf, restricted, type SweepPlan, sweepBy } from './swept.ts';

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
  /**
   * Opened where a fault is asked for that everybody on the server feels; a sentence where there can be none. Where the run's
   * server is of the same kind, the whole sweep goes there: acts are found once.
   */
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
  ...[...serverFaults, ...standbyFaults].map((fault) => ({ on: 'field' as const, fault })),
  ...clientFaults.map((fault) => ({ on: 'client' as const, fault })),
];

/** Faults that everybody on the server feels, and one that wants a disk of its own. */
const wide: ReadonlySet<string> = new Set(
  serverFaults.filter((fault) => fault.strikes === 'server' || fault === diskFull).map(({ id }) => id),
);

/** A ground and what clients can do on it. */
interface Found {
  readonly on: SweepGround & { readonly server?: ServerControl };
  readonly acted: Acted;
}

/**
 * Finds the acts, chooses the cells and tries them.
 * @throws CannotRun where the project does not migrate, or `only` names nothing
 */
export async function sweepProject(options: ProjectSweep): Promise<Sweep> {
  const { spec, full, only, onStage } = options;
  const [shared, own] = await findOn(options);
  const plan = restricted(planOf(shared.acted, spec.populated.seed, full), only);
  const foundFor = (fault: string) => (wide.has(fault) ? own : shared);
  const occursOn: SweepPlan['occurs'] = (act, fault, moment) => {
    const found = foundFor(fault);
    return typeof found === 'string' ? found : occursFor(found, { act, fault, moment });
  };
  onStage?.('trying cells');
  const progress = counter(options);
  return await sweepBy({ ...plan, occurs: occursOn }, async (cells) => {
    const onCell = progress(cells.length);
    const on = async (found: Found | string, some: readonly Cell[]) =>
      typeof found === 'string' ? [] : await sweep(found.acted, some, optionsOf(found, options, onCell));
    const beside = on(
      shared,
      cells.filter(({ fault }) => !wide.has(fault)),
    );
    // On one server those that break it wait until nobody else is at work.
    if (own === shared) await beside;
    const [first, second] = await Promise.all([
      beside,
      on(
        own,
        cells.filter(({ fault }) => wide.has(fault)),
      ),
    ]);
    return [...first, ...second];
  });
}

/** The ground for most faults, and the one for those that break a server; a sentence where there is none. */
async function findOn({
  spec,
  ground,
  arranged,
  own,
  only,
  onStage,
}: ProjectSweep): Promise<readonly [Found, Found | string]> {
  const asked = faultsOf({ faults: allFaults.map(({ fault }) => fault), moments }, only);
  const opened = [...asked].some((id) => wide.has(id)) ? await own() : 'no such fault was asked for';
  const find = async (on: Found['on']) => ({ on, acted: await findActs(on.lab, spec, arranged) });
  onStage?.('finding what clients can do');
  if (typeof opened === 'string') return [await find(ground), opened];
  if (ground.lab.access.kind === opened.lab.access.kind) {
    const found = await find(opened);
    return [found, found];
  }
  const found = await find(ground);
  onStage?.('the same on a server of its own');
  return [found, await find(opened)];
}

function optionsOf({ on }: Found, { signal }: ProjectSweep, onCell: OnCell): SweepOptions {
  return { ...on, faults: allFaults, onCell, ...(signal === undefined ? {} : { signal }) };
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

function occursFor({ on, acted }: Found, place: Pick<Cell, 'act' | 'fault' | 'moment'>): true | string {
  const act = acted.acts.find(({ name }) => name === place.act);
  const fault = allFaults.find((one) => one.fault.id === place.fault);
  if (act === undefined || fault === undefined) return 'no call was found on the server of its own that works';
  return occurs(act, fault, place.moment, on.server === undefined ? 'shared' : 'own');
}

/** Counts over all rounds. */
function counter({ onProgress }: ProjectSweep): (more: number) => OnCell {
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
