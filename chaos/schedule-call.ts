/** One call of a schedule: by its client, over its line, and struck if it is to be. */

import type { Probe } from '../fixtures/model/probe.ts';
import type { Call, Fate } from './schedule.ts';
import type { Client } from './schedule-client.ts';
import type { HoldingGround } from './schedule-held.ts';
import type { Lines } from './schedule-lines.ts';
import { calm, patience, strikerOf } from './schedule-strike.ts';

export interface Ground {
  readonly lines: Lines;
  /** Each goes by the line of its number, counted round. */
  readonly clients: readonly Client[];
  readonly held: HoldingGround;
}

/** What was done, for whoever counts. */
export interface Counts {
  readonly struck: (fault: string) => void;
  readonly fate: (fate: Fate) => void;
  readonly step: () => void;
}

interface Circumstances {
  /** A call in doubt may still hold locks. */
  readonly isDoubtful: boolean;
  readonly counts: Counts;
  readonly tell: (line: string) => void;
}

/** Connects where the client is not connected. */
export async function makeCall(
  ground: Ground,
  { client: number, trips, strike }: Omit<Call<unknown>, 'command'>,
  probe: Probe,
  { isDoubtful, counts, tell }: Circumstances,
): Promise<Fate> {
  const { lines, clients } = ground;
  const client = number % clients.length;
  const line = client % lines.count;
  const notes = { struck: counts.struck, tell };
  const striker = strike
    ? await strikerOf(ground, { client, line, trips }, strike, notes)
    : calm(isDoubtful || anyFault(lines) ? patience.struck : patience.calm);
  const fate = await (clients[client] as Client).call(probe, { trips, ...striker });
  await striker.after();
  return fate;
}

function anyFault(lines: Lines): boolean {
  return Array.from({ length: lines.count }, (_, line) => lines.faultOf(line)).some((fault) => fault !== null);
}
