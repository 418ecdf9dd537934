/** One call of a schedule, and what strikes it on its way. */

import type { Probe } from '../fixtures/model/probe.ts';
import type { Session } from '../fixtures/wire/session.ts';
import type { Call, Fate, Point } from './schedule.ts';
import type { Client } from './schedule-client.ts';
import type { Lines } from './schedule-lines.ts';

export interface Ground {
  /** Superuser, direct. */
  readonly owner: Session;
  readonly lines: Lines;
  /** Each goes by the line of its number, counted round. */
  readonly clients: readonly Client[];
}

/** What was done, for whoever counts. */
export interface Counts {
  readonly struck: (fault: string) => void;
  readonly fate: (fate: Fate) => void;
  readonly step: () => void;
}

/** Milliseconds a client waits for each answer: while nothing is broken, and while something is. */
const patience = { calm: 20_000, struck: 300 } as const;

interface Circumstances {
  /** A call in doubt may still hold locks. */
  readonly isDoubtful: boolean;
  readonly counts: Counts;
  readonly tell: (line: string) => void;
}

/** Connects where the client is not connected, or where the fault needs a connection that is made beside it. */
export async function makeCall(
  ground: Ground,
  call: Omit<Call<unknown>, 'command'>,
  probe: Probe,
  { isDoubtful, counts, tell }: Circumstances,
): Promise<Fate> {
  const { lines, clients, owner } = ground;
  const number = call.client % clients.length;
  const line = number % lines.count;
  const client = clients[number] as Client;
  const { blow, at, stays } = call.strike ?? { blow: null, at: 'query', stays: false };
  const fault = blow && 'fault' in blow && lines.faultOf(line) === null ? blow.fault : null;
  const end = blow && 'backend' in blow ? blow.backend : null;
  if (fault?.arm || (fault && at === 'connecting')) client.drop();
  if (fault?.arm) await lines.arm(line, fault);
  const isStruck = blow !== null || isDoubtful || anyFault(lines);
  const fate = await client.call(probe, {
    trips: call.trips,
    patience: isStruck ? patience.struck : patience.calm,
    before: async (point) => {
      if (fault === null || point !== at) return;
      await lines.strike(line, fault);
      counts.struck(fault.id);
      tell(`line ${line + 1}    ${fault.id}, ${pointNames[at]}: ${fault.says}`);
    },
    during: async (point, processId) => {
      if (end === null || point !== strikable(at, call.trips)) return;
      // The call may have ended by now, and its backend with it: then nothing is struck.
      await owner.query(`SELECT ${endings[end]}(pid) FROM pg_stat_activity WHERE pid = $1`, [processId]);
      counts.struck(end);
      tell(`server    the backend of client ${number + 1} is ${end} ${duringNames[point]}`);
    },
  });
  if (fault && !stays) {
    await lines.heal(line);
    tell(`line ${line + 1}    ${fault.id} is healed`);
    clients.forEach((one, of) => {
      if (of % lines.count === line) one.drop();
    });
  }
  return fate;
}

const endings = { terminated: 'pg_terminate_backend', cancelled: 'pg_cancel_backend' } as const;

const pointNames: Readonly<Record<Point, string>> = {
  ...{ connecting: 'before it connects', between: 'before BEGIN', query: 'before the call', commit: 'before COMMIT' },
};
const duringNames: Readonly<Record<Point, string>> = {
  ...{ connecting: 'while it connects', between: 'in BEGIN', query: 'in the call', commit: 'in COMMIT' },
};

/** A backend can be ended where it works: of a single message, that is its commit as well. */
function strikable(at: Point, trips: 'one' | 'many'): Point {
  if (trips === 'one') return 'commit';
  return at === 'connecting' ? 'between' : at;
}

function anyFault(lines: Lines): boolean {
  return Array.from({ length: lines.count }, (_, line) => lines.faultOf(line)).some((fault) => fault !== null);
}
