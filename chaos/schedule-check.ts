/** Draws schedules by a seed and runs them until one contradicts the model; that one is made short, and can be brought back. */

import fc from 'fast-check';
import type { Database } from '../fixtures/lab/lab.ts';
import type { ServerAccess } from '../fixtures/model/server.ts';
import type { Line } from './line.ts';
import type { ScheduleResult } from './model.ts';
import { Contradiction, type Fate, type Modelled, type Step } from './schedule.ts';
import { clientOf } from './schedule-client.ts';
import { linesOf } from './schedule-lines.ts';
import { runSchedule } from './schedule-run.ts';

export interface ScheduleOptions<World, Drawn, Command> {
  readonly system: string;
  readonly modelled: Modelled<World, Drawn, Command>;
  /** As `steps` draws them from the system's commands. */
  readonly steps: fc.Arbitrary<readonly Step<Drawn>[]>;
  readonly access: ServerAccess;
  readonly db: Database;
  readonly lines: readonly Line[];
  readonly seed: number;
  readonly runs: number;
  /** Milliseconds: afterwards no further schedule is begun, and none made shorter; three times as much before a call is in doubt. */
  readonly atMost: number;
  /** Of a counterexample: it is run first. */
  readonly path?: string;
}

/** What the schedules came to, besides the verdict. */
export interface Checked {
  readonly result: ScheduleResult;
  /** How often calls were answered, taken back, lost without a doubt, and lost in doubt. */
  readonly fates: Readonly<Record<string, number>>;
}

const mustHold =
  'Under any faults what is stored is what one order of the calls leaves in the model, each in doubt done once or not at all, and a retry gets the one answer.';
const CLIENTS = 4;

export async function checkSchedules<World, Drawn, Command>(
  options: ScheduleOptions<World, Drawn, Command>,
): Promise<Checked> {
  const { system, modelled, access, db, lines, seed, runs, atMost, path } = options;
  const began = performance.now();
  const counted = counting();
  const name = `${db.name}_client`;
  const clients = Array.from({ length: CLIENTS }, (_, at) =>
    clientOf((lines[at % lines.length] as Line).access, db.name, name),
  );
  const keeper = await db.connectAsOwner();
  const held = { access, db, keeper, gates: modelled.gates };
  const ground = { lines: linesOf(lines, db.owner, name), clients, held };
  let begun = 0;
  let hasFailed = false;
  const property = fc.asyncProperty(options.steps, async (steps) => {
    // Schedules without a call in doubt would have shown little: it takes longer then.
    const isEnough = hasFailed || (counted.fates()['in doubt'] ?? 0) > 0;
    if (performance.now() - began > (isEnough ? atMost : 3 * atMost)) return;
    begun += 1;
    await runSchedule(modelled, ground, steps, counted).catch((error: unknown) => {
      hasFailed = true;
      throw error;
    });
  });
  const found = await fc.check(property, {
    ...{ seed, numRuns: runs, unbiased: true },
    ...(path === undefined ? {} : { path }),
  });
  const error = found.errorInstance;
  if (found.failed && !(error instanceof Contradiction)) throw error;
  const shortest = error instanceof Contradiction ? error : null;
  const result: ScheduleResult = {
    ...{ system, mustHold, seed, runs: begun, steps: counted.steps(), struck: counted.faults() },
    verdict: shortest ? 'broken' : (counted.fates()['in doubt'] ?? 0) > 0 ? 'held' : 'unknown',
    counterexample: shortest && {
      ...{ steps: shortest.lines, seen: shortest.seen, shrunk: found.numShrinks, path: found.counterexamplePath },
    },
    milliseconds: Math.round(performance.now() - began),
  };
  return { result, fates: counted.fates() };
}

function counting() {
  const faults: Record<string, number> = {};
  const fates: Record<string, number> = {};
  let steps = 0;
  const more = (of: Record<string, number>, key: string) => {
    of[key] = (of[key] ?? 0) + 1;
  };
  return {
    struck: (fault: string) => more(faults, fault),
    fate: (fate: Fate) => more(fates, fate.state === 'lost' && fate.mayHold ? 'in doubt' : fate.state),
    step: () => {
      steps += 1;
    },
    steps: () => steps,
    faults: () => ({ ...faults }),
    fates: () => ({ ...fates }),
  };
}
