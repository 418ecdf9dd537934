/** One act under one fault at one moment: called, struck, cut, looked at, healed, and called once more. */

import type { Database, Lab } from '../fixtures/lab/lab.ts';
import { unique } from '../fixtures/oracles/ownership.ts';
import type { ServerControl } from '../fixtures/servers/control.ts';
import type { Session } from '../fixtures/wire/session.ts';
import type { Acted, KnownAct } from './acts.ts';
import { type Bout, type Fought, fight, READS_NOTHING } from './bout.ts';
import { connectClient } from './client.ts';
import { oddities, storedBy } from './effects.ts';
import { haveDone, PATIENT } from './faultless.ts';
import { disable } from './faults/down.ts';
import { CannotOccur } from './faults/fault.ts';
import { judge, type Seen } from './judge.ts';
import type { Switchboard } from './line.ts';
import type { CellResult, Impossible, Moment, Stored } from './model.ts';
import { occurs, type SweepFault } from './moments.ts';
import { changesBetween, readState, type State, storedTables } from './stored.ts';
import { leftOn } from './tenant.ts';

export interface CellGround {
  readonly lab: Lab;
  readonly switchboard: Switchboard;
  readonly settings: Acted['settings'];
  readonly server: ServerControl | null;
}

/** Milliseconds for a call that was cut to end in the server. */
const REST = 15_000;

/** Leaves nothing: the clone is dropped, the proxy removed. */
export async function tryCell(
  ground: CellGround,
  act: KnownAct,
  struck: SweepFault,
  moment: Moment,
): Promise<CellResult | Impossible> {
  const began = performance.now();
  const cell = { act: act.name, system: act.system, fault: struck.fault.id, moment };
  const possible = occurs(act, struck, moment, ground.server === null ? 'shared' : 'own');
  if (possible !== true) return { ...cell, because: possible };
  await using db = await ground.lab.copy(act.source);
  await using line = await ground.switchboard.line(ground.lab.access, db.name);
  const { access } = ground.lab;
  const bout: Bout = { act, struck, moment, db, line, access, application: `chaos ${db.name}`, server: ground.server };
  const fought = await fight(bout).catch(because);
  if (typeof fought === 'string') return { ...cell, because: fought };
  if (fought.missed === READS_NOTHING) return { ...cell, because: READS_NOTHING };
  const seen = await aftermath(ground, bout, fought);
  const { verdict, reasons } = judge(seen);
  return {
    ...cell,
    verdict,
    told: fought.told,
    stored: seen.stored,
    retried: seen.again?.stored ?? null,
    reasons,
    milliseconds: Math.round(performance.now() - began),
  };
}

function because(error: unknown): string {
  if (error instanceof CannotOccur) return error.message;
  throw error;
}

/** What the fault left: the connection looked at first, then all cut, what is stored read, all healed, and the call made again. */
async function aftermath(ground: CellGround, bout: Bout, fought: Fought): Promise<Seen> {
  const { act, struck, db, line } = bout;
  const { told, declined, client, missed, healings } = fought;
  if (struck.on === 'field') for (const heal of healings) await heal();
  await using owner = await db.connectAsOwner();
  const left = client === null ? [] : await leftOn(client, owner, ground.settings);
  const enable = await disable(line);
  client?.cut();
  const gone = await isGone(owner, bout.application);
  const looked = await look(owner, db, act, act.faultless.before, declined);
  if (struck.on === 'wire') for (const heal of healings) await heal();
  await enable();
  const from = looked.stored === 'absent' ? looked.state : act.faultless.before;
  const again = await callAgain(ground, bout, owner, from);
  return {
    harmless: struck.fault.id === 'noop',
    writes: act.faultless.touched.length > 0,
    repeats: act.repeats,
    told,
    declined,
    gone,
    stored: looked.stored,
    oddities: looked.oddities,
    again,
    left: unique([...left, ...again.left]),
    missed,
  };
}

interface Looked {
  readonly state: State;
  readonly stored: Stored;
  readonly oddities: readonly string[];
}

async function look(owner: Session, db: Database, act: KnownAct, before: State, declined: boolean): Promise<Looked> {
  const state = await readState(owner, storedTables(db.catalog));
  const changes = changesBetween(before, state);
  const stored = storedBy(changes, act.faultless.effects, declined);
  return { state, stored, oddities: stored === 'other' ? oddities(changes, act.faultless.effects) : [] };
}

async function callAgain(
  ground: CellGround,
  { act, db, line, application }: Bout,
  owner: Session,
  from: State,
): Promise<NonNullable<Seen['again']> & Pick<Seen, 'left'>> {
  const client = await connectClient({ access: line.access, database: db.name, application, bound: PATIENT });
  if ('state' in client) return { told: client, stored: 'absent', oddities: [], left: [] };
  const { told } = await haveDone(client, act);
  const left = await leftOn(client, owner, ground.settings);
  const looked = await look(owner, db, act, from, false);
  client.cut();
  return { told, stored: looked.stored, oddities: looked.oddities, left };
}

/** Polled, since nobody tells when a backend has ended. */
async function isGone(owner: Session, application: string): Promise<boolean> {
  const deadline = performance.now() + REST;
  for (;;) {
    const { rows } = await owner.query('SELECT FROM pg_stat_activity WHERE application_name = $1', [application]);
    if (rows.length === 0) return true;
    if (performance.now() > deadline) return false;
  }
}
