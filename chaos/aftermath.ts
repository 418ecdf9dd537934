/** What a fault left: the connection looked at first, then all cut, what is stored read, all healed, and the call made again. */

import { setTimeout as rest } from 'node:timers/promises';
import type { Lab } from '../fixtures/lab/lab.ts';
import type { Probe } from '../fixtures/model/probe.ts';
import { unique } from '../fixtures/oracles/ownership.ts';
import type { ServerControl } from '../fixtures/servers/control.ts';
import type { Session } from '../fixtures/wire/session.ts';
import type { Acted, KnownAct } from './acts.ts';
import type { Bout, Fought } from './bout.ts';
import { connectClient } from './client.ts';
import { oddities, storedBy } from './effects.ts';
import { type Faultless, haveDone, PATIENT, replySaid } from './faultless.ts';
import { disable } from './faults/down.ts';
import type { Seen } from './judge.ts';
import type { Switchboard } from './line.ts';
import type { Told } from './model.ts';
import { changesBetween, readState, type State, storedTables } from './stored.ts';
import { leftOn } from './tenant.ts';

export interface CellGround {
  readonly lab: Lab;
  readonly switchboard: Switchboard;
  readonly settings: Acted['settings'];
  readonly server: ServerControl | null;
  /** By name: what acts do that were found to do something else by now. */
  readonly relearnt: Map<string, Faultless>;
}

export interface Aftermath {
  readonly gone: boolean;
  readonly state: State;
  /** After the same call was made again, without a fault. */
  readonly again: { readonly told: Told; readonly state: State };
  readonly left: readonly string[];
}

/** Milliseconds for a call that was cut to end in the server. */
const REST = 15_000;

export async function aftermath(ground: CellGround, bout: Bout, fought: Fought): Promise<Aftermath> {
  const { struck, db, line, application } = bout;
  const { client, healings } = fought;
  if (struck.on === 'field') for (const heal of healings) await heal();
  await using owner = await db.connectAsOwner();
  const left = client === null ? [] : await leftOn(client, owner, ground.settings);
  const enable = await disable(line);
  client?.cut();
  const gone = await isGone(owner, application);
  const state = await readState(owner, storedTables(db.catalog));
  if (struck.on === 'wire') for (const heal of healings) await heal();
  await enable();
  const again = await callAgain(ground, bout, owner, retried(bout, state));
  return { gone, state, again, left: unique([...left, ...again.left]) };
}

/** What was done is asked for again in the same words; what was refused because of a clock, when the clock is right. */
function retried({ act, said }: Bout, state: State): Probe {
  const { before, effects } = act.faultless;
  return storedBy(changesBetween(before, state), effects, true) === 'absent' ? act.probe : said;
}

async function callAgain(
  { settings }: CellGround,
  { act, db, line, application }: Bout,
  owner: Session,
  probe: Probe,
): Promise<Aftermath['again'] & Pick<Aftermath, 'left'>> {
  const client = await connectClient({ access: line.access, database: db.name, application, bound: PATIENT });
  if ('state' in client) return { told: client, state: new Map(), left: [] };
  const { told } = await haveDone(client, { ...act, probe });
  const left = await leftOn(client, owner, settings);
  const state = await readState(owner, storedTables(db.catalog));
  client.cut();
  return { told, state, left };
}

/** Polled, since nobody tells when a backend has ended. */
async function isGone(owner: Session, application: string): Promise<boolean> {
  const deadline = performance.now() + REST;
  for (;;) {
    const { rows } = await owner.query('SELECT FROM pg_stat_activity WHERE application_name = $1', [application]);
    if (rows.length === 0) return true;
    if (performance.now() > deadline) return false;
    await rest(5);
  }
}

/** What was seen, against what the act does where nothing is broken. */
export function seenOf(
  { repeats }: Pick<KnownAct, 'repeats'>,
  { before, effects, reply, touched }: Faultless,
  { told, reply: replied, missed }: Fought,
  { gone, state, again, left }: Aftermath,
): Omit<Seen, 'harmless' | 'skewed'> {
  const declined = told.state === 'answered' && replySaid(replied, reply.volatile) !== reply.said;
  const look = (from: State, to: State, declines: boolean) => {
    const changes = changesBetween(from, to);
    const stored = storedBy(changes, effects, declines);
    return { stored, oddities: stored === 'other' ? oddities(changes, effects) : [] };
  };
  const struck = look(before, state, declined);
  const from = struck.stored === 'absent' ? state : before;
  const writes = touched.length > 0;
  return {
    ...{ writes, repeats, told, declined, gone, missed, left, ...struck },
    again: { told: again.told, ...look(from, again.state, false) },
  };
}
