/** What strikes a call of a schedule on its way: a fault of its line, the end of its backend, or a fault of the server while it waits. */

import type { Fault, Wire } from './faults/fault.ts';
import type { ServerFault } from './faults/field.ts';
import type { Ending, Point, Strike } from './schedule.ts';
import type { Ground } from './schedule-call.ts';
import type { Manner } from './schedule-client.ts';
import { heldBy } from './schedule-held.ts';

export interface Striker extends Pick<Manner, 'before' | 'during'> {
  /** Milliseconds that the client waits for each answer. */
  readonly patience: number;
  /** Heals what does not stay. */
  readonly after: () => Promise<void>;
}

/** The call that is struck. */
export interface Struck {
  readonly client: number;
  readonly line: number;
  readonly trips: 'one' | 'many';
}

export interface Notes {
  readonly struck: (fault: string) => void;
  readonly tell: (line: string) => void;
}

/** Milliseconds: while nothing is broken, while something is, and while the server takes its time to give up on a call. */
export const patience = { calm: 20_000, struck: 300, held: 10_000 } as const;

/** Strikes nothing. */
export function calm(milliseconds: number): Striker {
  const nothing = async () => undefined;
  return { patience: milliseconds, before: nothing, during: nothing, after: nothing };
}

export async function strikerOf(ground: Ground, call: Struck, strike: Strike, notes: Notes): Promise<Striker> {
  const { blow } = strike;
  if ('backend' in blow) return backendStriker(ground, call, { at: strike.at, ending: blow.backend }, notes);
  // One line carries one fault, and a call that is to wait in the server must come there.
  if (ground.lines.faultOf(call.line) !== null) return calm(patience.struck);
  if ('held' in blow) return await heldStriker(ground, call, blow.held, notes);
  return await lineStriker(ground, call, { ...strike, fault: blow.fault }, notes);
}

/** A fault that needs connections made beside it, or that strikes one being made, is given a new one. */
async function lineStriker(
  { lines, clients }: Ground,
  { client, line }: Struck,
  { fault, at, stays }: Pick<Strike, 'at' | 'stays'> & { readonly fault: Fault<Wire> },
  { struck, tell }: Notes,
): Promise<Striker> {
  if (fault.arm || at === 'connecting') clients[client]?.drop();
  if (fault.arm) await lines.arm(line, fault);
  return {
    ...calm(patience.struck),
    before: async (point) => {
      if (point !== at) return;
      await lines.strike(line, fault);
      struck(fault.id);
      tell(`line ${line + 1}    ${fault.id}, ${pointNames[at]}: ${fault.says}`);
    },
    after: async () => {
      if (stays) return;
      await lines.heal(line);
      tell(`line ${line + 1}    ${fault.id} is healed`);
      clients.forEach((one, of) => {
        if (of % lines.count === line) one.drop();
      });
    },
  };
}

function backendStriker(
  { held: { db } }: Ground,
  { client, trips }: Struck,
  { at, ending }: { readonly at: Point; readonly ending: Ending },
  { struck, tell }: Notes,
): Striker {
  return {
    ...calm(patience.struck),
    during: async (point, processId) => {
      if (point !== workingAt(at, trips)) return;
      // The call may have ended by now, and its backend with it: then nothing is struck.
      await db.owner.query(`SELECT ${endings[ending]}(pid) FROM pg_stat_activity WHERE pid = $1`, [processId]);
      struck(ending);
      tell(`server    the backend of client ${client + 1} is ${ending} ${duringNames[point]}`);
    },
  };
}

/** Everybody else is cut off first: who has a transaction open would keep the gates from closing. */
async function heldStriker(
  { lines, clients, held: ground }: Ground,
  { client, line, trips }: Struck,
  fault: ServerFault,
  { struck, tell }: Notes,
): Promise<Striker> {
  for (const one of clients) one.drop();
  await lines.cut();
  const held = await heldBy(fault, lines.at(line), ground);
  return {
    patience: patience.held,
    before: async (point) => {
      if (point === 'query') await held.close();
    },
    during: async (point, processId, hasEnded) => {
      if (point !== workingAt('query', trips) || !(await held.strike(processId, hasEnded))) return;
      struck(fault.id);
      tell(`server    ${fault.id}, while the call of client ${client + 1} waits for a lock: ${fault.says}`);
    },
    after: async () => {
      await held.heal();
      clients[client]?.drop();
    },
  };
}

const endings = { terminated: 'pg_terminate_backend', cancelled: 'pg_cancel_backend' } as const;
const pointNames: Readonly<Record<Point, string>> = {
  ...{ connecting: 'before it connects', between: 'before BEGIN', query: 'before the call', commit: 'before COMMIT' },
};
const duringNames: Readonly<Record<Point, string>> = {
  ...{ connecting: 'while it connects', between: 'in BEGIN', query: 'in the call', commit: 'in COMMIT' },
};

/** Where a backend works: a single message is its commit as well. */
function workingAt(at: Point, trips: 'one' | 'many'): Point {
  if (trips === 'one') return 'commit';
  return at === 'connecting' ? 'between' : at;
}
