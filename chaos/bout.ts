/** One call of a client, struck by a fault at its moment. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Database } from '../fixtures/lab/lab.ts';
import type { Probe } from '../fixtures/model/probe.ts';
import type { ServerAccess } from '../fixtures/model/server.ts';
import type { Json } from '../fixtures/model/world.ts';
import type { ServerControl } from '../fixtures/servers/control.ts';
import type { Session } from '../fixtures/wire/session.ts';
import type { KnownAct } from './acts.ts';
import { type Client, connectClient } from './client.ts';
import { PATIENT, replyOf } from './faultless.ts';
import { CannotOccur, type Healing } from './faults/fault.ts';
import type { Field } from './faults/field.ts';
import { holdAt, holdCommit, holdTables, isWaiting, release } from './hold.ts';
import type { Line } from './line.ts';
import type { Moment, Told } from './model.ts';
import { type Held, heldAt, type SweepFault } from './moments.ts';
import { storedTables } from './stored.ts';
import { tripsOf } from './trips.ts';

export interface Bout {
  readonly act: KnownAct;
  /** What the client says: the act's own probe, unless it is the client that is not well. */
  readonly said: Probe;
  readonly struck: SweepFault;
  readonly moment: Moment;
  readonly db: Database;
  readonly line: Line;
  /** Straight to the server. */
  readonly access: ServerAccess;
  readonly application: string;
  readonly server: ServerControl | null;
}

export interface Fought {
  readonly told: Told;
  /** To the act's own statement; null where none came. */
  readonly reply: Json;
  /** Null where it never connected. */
  readonly client: Client | null;
  /** Why the fault did not strike where it was to; null: it did. */
  readonly missed: string | null;
  /** Of all that was brought about, in the order in which it is to be undone. */
  readonly healings: readonly Healing[];
}

/** Milliseconds that a struck client waits for the server; then it gives up, as every client with a bound does. */
const BOUND = 2_000;

/** Milliseconds until a held call must be seen waiting. */
const PATIENCE = 10_000;

/** What goes on while the client calls. */
interface Round extends Bout {
  readonly held: Held;
  /** Holds the call, where it is held. */
  readonly keeper: Session;
  readonly strike: () => Promise<void>;
  /** Null before it is connected. */
  client: Client | null;
  missed: string | null;
  opening: Promise<void>;
}

const NEVER = 'the call came to no place where the fault could strike it';
export const READS_NOTHING = 'it waits for no table, so that nothing shows when it is at work';

/**
 * Arms, calls, strikes; whatever was brought about is healed by the caller.
 * @throws CannotOccur where the fault finds nothing to strike
 */
export async function fight(bout: Bout): Promise<Fought> {
  const { act, db, struck, moment } = bout;
  await using keeper = await db.connectAsOwner();
  const healings: Healing[] = [];
  const opening = Promise.resolve();
  const round: Round = {
    ...bout,
    keeper,
    held: heldAt(act, struck, moment),
    client: null,
    missed: NEVER,
    strike,
    opening,
  };
  const field = fieldOf(round);
  async function bring(about: 'arm' | 'apply'): Promise<void> {
    if (struck.on === 'client') return;
    const healing = await struck.fault[about]?.(field);
    if (healing !== undefined) healings.unshift(healing);
  }
  async function strike(): Promise<void> {
    try {
      await bring('apply');
    } catch (error) {
      if (error instanceof CannotOccur) throw error;
      round.missed = `the fault could not be brought about: ${error instanceof Error ? error.message : String(error)}`;
      return;
    }
    round.missed = null;
    if (breaks(struck)) round.client?.hurry(BOUND);
  }
  try {
    await bring('arm');
    await prepareHold(round);
    const { told, reply } = await callIn(round);
    return { told, reply, client: round.client, missed: round.missed, healings };
  } finally {
    // A call that ended before the moment has opened nothing.
    if (round.held !== null) await Promise.all([round.opening, letGo(keeper)]);
  }
}

/** Whether anything is in the way of what is said. */
function breaks({ on, fault }: SweepFault): boolean {
  return on !== 'client' && fault.id !== 'noop';
}

function fieldOf(round: Round): Field {
  const { line, access, db, server, held, keeper } = round;
  return {
    proxy: line.proxy,
    access,
    db,
    owner: db.owner,
    victim: () => round.client?.processId ?? null,
    holder: () => (held === null ? null : keeper),
    server,
  };
}

/** Before the call has locked anything that a trigger is put on; it comes to wait at the moment alone. */
async function prepareHold({ held, act, db, keeper }: Round): Promise<void> {
  const { steps, touched } = act.faultless;
  if (held === 'writing') await holdAt(keeper, db.catalog, touched, steps);
  if (held === 'committing') await holdCommit(keeper, db.catalog, touched);
}

type Called = Pick<Fought, 'told' | 'reply'>;

async function callIn(round: Round): Promise<Called> {
  const { act, said, db, line, application, struck, moment } = round;
  const early = moment === 'connecting' || moment === 'start-up';
  const entry = moment === 'start-up' ? await enter(round) : null;
  if (moment === 'connecting') await round.strike();
  // A strike in start-up may have to wait until others are where they are to be struck.
  const strict = moment === 'connecting' || (early && struck.on === 'wire');
  const bound = strict && breaks(struck) ? BOUND : PATIENT;
  const client = await connectClient({
    access: line.access,
    database: db.name,
    application,
    bound,
    ...(entry === null ? {} : { socket: entry.socket }),
  });
  await entry?.struck;
  if ('state' in client) return { told: client, reply: null };
  round.client = client;
  if (early && breaks(struck)) client.hurry(BOUND);
  const { before, act: own, commit, giveUp } = tripsOf({ ...act, probe: said });
  let reply: Json = null;
  for (const message of [...before, own, commit]) {
    const at = message === own ? 'query' : message === commit ? 'commit' : null;
    if (message === commit && moment === 'between') await round.strike();
    const { told, exchange } = at === moment ? await struckTrip(round, client, message) : await client.ask(message);
    if (told.state !== 'answered') {
      if (told.state === 'refused' && client.isAlive()) await client.ask(giveUp);
      return { told, reply };
    }
    if (message === own) reply = replyOf(exchange);
  }
  return { told: { state: 'answered' }, reply };
}

/** Sends the message and strikes: before it is sent, or while the server is at it. */
async function struckTrip(round: Round, client: Client, message: string): ReturnType<Client['ask']> {
  const { held, db, keeper } = round;
  if (held === null) {
    await round.strike();
    return await client.ask(message);
  }
  const tables = storedTables(db.catalog).map(({ name }) => name);
  if (held === 'reading') await holdTables(keeper, db.catalog, tables);
  let ended = false;
  const asked = client.ask(message).finally(() => {
    ended = true;
  });
  if (await isWaiting(db.owner, client.processId, () => ended, PATIENCE)) await round.strike();
  else if (held === 'reading') round.missed = READS_NOTHING;
  // Who holds the call may itself have come to wait for the call's transaction, so nobody waits for the opening here.
  round.opening = letGo(keeper);
  return await asked;
}

/** Where the server has been stopped meanwhile, nothing is held any more. */
async function letGo(owner: Session): Promise<void> {
  await release(owner).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error) throw error;
  });
}

/** Messages of the client's to strike before: of one that waits for its password, the server has a backend; before, it has none. */
const ENTRIES = { wire: 1, client: 1, field: 2 } as const;

/** A socket that is connected already, and struck before one of its messages; to the driver it tells so when it is asked to connect. */
async function enter(round: Round): Promise<{ readonly socket: Socket; readonly struck: Promise<void> }> {
  const { access } = round.line;
  const socket = connect({ host: access.host, port: access.port, noDelay: true });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.connect = () => {
    setImmediate(() => socket.emit('connect'));
    return socket;
  };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const write = socket.write.bind(socket);
  let messages = 0;
  let isStriking = false;
  socket.write = (data: string | Uint8Array) => {
    messages += 1;
    if (messages !== ENTRIES[round.struck.on]) return write(data);
    isStriking = true;
    round.strike().then(
      () => {
        resolve();
        if (socket.destroyed) socket.emit('error', Object.assign(new Error('cut'), { code: 'ECONNRESET' }));
        else write(data);
      },
      (error: unknown) => {
        reject(error);
        socket.destroy();
      },
    );
    return true;
  };
  // A strike may close it, and not be over.
  socket.on('close', () => {
    if (!isStriking) resolve();
  });
  // Whoever connects by the socket asks for it later.
  promise.catch(() => undefined);
  return { socket, struck: promise };
}
