/** The service levels of the platform core under sixteen callers at once: RPCs, a long log, and outcomes by the million. */

import type { Lab } from '../../fixtures/lab/lab.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import { vacuumAll } from '../vacuumed.ts';
import type { Rounds } from './core-callers.ts';
import { fillLog, openGround } from './core-ground.ts';
import { measureOutcomes, power, tooLargeFor } from './core-outcomes.ts';
import { type Log, measureRpcs } from './core-rpcs.ts';
import { dataPlace } from './machine.ts';
import { type Bench, type Measurement, timed } from './measurement.ts';

export interface CoreLoad {
  readonly callers: number;
  readonly rounds: Rounds;
  readonly log: Log;
  /** In each tier, from the fewest to the most. */
  readonly outcomes: readonly number[];
}

export const fullLoad: CoreLoad = {
  callers: 16,
  rounds: { warmUp: 10, measured: 125 },
  log: { events: 1_000_000, days: 365 },
  outcomes: [100_000, 1_000_000],
};
export const quickLoad: CoreLoad = {
  ...fullLoad,
  rounds: { warmUp: 6, measured: 25 },
  log: { events: 100_000, days: 365 },
  outcomes: [10_000, 100_000],
};

const MOST = 10_000_000;

/** Measures on a clone of its own. Where `bench.large`, at ten million outcomes as well. */
export async function measureCore(lab: Lab, load: CoreLoad, bench: Bench): Promise<readonly Measurement[]> {
  const { callers, rounds, log } = load;
  const crowd = callers * (rounds.warmUp + rounds.measured);
  await using ground = await openGround(lab, callers, crowd);
  const { elapsed } = await timed(() => fillLog(ground.owner, ground.log, log));
  bench.say(`a log of ${log.events} events over ${log.days} days was written in ${(elapsed / 1000).toFixed(1)} s`);
  await vacuumAll(ground.owner);
  const rpcs = await measureRpcs(ground, rounds, log, bench);
  const outcomes = await measureOutcomes(
    ground,
    rounds,
    [...load.outcomes, ...(await most(ground.owner, bench))],
    bench,
  );
  return [...rpcs, ...outcomes];
}

async function most(owner: Session, { large, note }: Bench): Promise<readonly number[]> {
  const reason = large
    ? tooLargeFor(await dataPlace(owner), MOST)
    : `${power(MOST)} outcomes are left out: they were not asked for (\`--large\`).`;
  if (reason === null) return [MOST];
  note(reason);
  return [];
}
