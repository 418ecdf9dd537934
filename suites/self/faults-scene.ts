/** A field for tests of server faults: a clone, a client in it, and another whose lock the client waits for. */

import { Socket } from 'node:net';
import { expect, inject, onTestFinished } from 'vitest';
import type { Healing } from '../../chaos/faults/fault.ts';
import type { Field, ServerFault } from '../../chaos/faults/field.ts';
import { backendOf } from '../../chaos/faults/start-up.ts';
import { openSwitchboard } from '../../chaos/line.ts';
import type { Lab } from '../../fixtures/lab/lab.ts';
import { isDatabaseError, openSession, type Session } from '../../fixtures/wire/session.ts';

export interface FaultScene {
  readonly field: Field;
  /** The client that is struck: a login, connected after the fault was armed. It may write the tables `written` and `read`. */
  readonly client: Session;
  /** Heals the strike, then the arming, each twice. */
  heal(healing: Healing): Promise<void>;
}

/** The statement by which the client comes to wait for the holder. */
export const waits = 'SELECT pg_advisory_xact_lock_shared(1)';

export interface FaultGround {
  readonly lab: Lab;
  /** A server of the test's own; absent: the run's. */
  readonly server?: Field['server'];
}

/** A scene of its own, gone with the test. */
export async function faultScene(ground: FaultGround, fault: ServerFault): Promise<FaultScene> {
  const { field, disarm } = await armed(ground, fault);
  const client = await openSession(field.access, { database: field.db.name, as: 'login' });
  onTestFinished(() => client.destroy());
  return {
    field: { ...field, victim: () => client.processId },
    client,
    heal: async (healing) => {
      for (const heal of [healing, healing, disarm, disarm]) await heal?.();
    },
  };
}

/** The same, with a client that has said who it is and waits with its proof. */
export async function startingScene(ground: FaultGround, fault: ServerFault) {
  const { field } = await armed(ground, fault);
  const { socket, isHeld, letGo } = heldSocket();
  const options = { database: field.db.name, as: 'login', connectTimeout: 50_000 } as const;
  const told = toldBy(openSession(field.access, { ...options, socket: () => socket }));
  onTestFinished(() => void socket.destroy());
  await expect.poll(isHeld).toBe(true);
  await expect.poll(() => backendOf(field)).not.toBeNull();
  const goOn = () => {
    letGo();
    return told;
  };
  return { field, login: { goOn } };
}

/** A socket that keeps back all but the first message, until it is let go. */
function heldSocket() {
  const socket = new Socket();
  const held: Uint8Array[] = [];
  let sent = 0;
  // Connecting puts back the socket's own `write`.
  socket.once('connect', () => {
    const write = socket.write.bind(socket);
    socket.write = (chunk: Uint8Array) => (sent++ === 0 ? write(chunk) : held.push(chunk) > 0);
  });
  const letGo = () => {
    Reflect.deleteProperty(socket, 'write');
    for (const chunk of held.splice(0)) socket.write(chunk);
  };
  return { socket, isHeld: () => held.length > 0, letGo };
}

async function armed({ lab, server = null }: FaultGround, fault: ServerFault) {
  const { access } = lab;
  const db = await lab.clone({ project: 'supabase/memory', platform: 'supabase' });
  onTestFinished(() => db[Symbol.asyncDispose]());
  const switchboard = await openSwitchboard({ access: inject('server') });
  onTestFinished(() => switchboard[Symbol.asyncDispose]());
  const { proxy } = await switchboard.line(access, db.name);
  await db.owner.script(`
    CREATE TABLE public.written (mark text PRIMARY KEY);
    CREATE TABLE public.read (mark text PRIMARY KEY);
    INSERT INTO public.read VALUES ('there');
    GRANT ALL ON public.written, public.read TO PUBLIC`);
  const holder = await db.connectAsOwner();
  await holder.query('SELECT pg_advisory_lock(1)');
  const field: Field = { access, db, owner: db.owner, proxy, holder: () => holder, server, victim: () => null };
  return { field, disarm: await fault.arm?.(field) };
}

/** What came of a call: `answered`, a SQLSTATE, or how the connection was lost. */
export async function toldBy(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'answered';
  } catch (error) {
    return codeOf(error);
  }
}

/** Where the server itself broke down, the session hides its words behind a sentence for people. */
function codeOf(error: unknown): string {
  if (isDatabaseError(error)) return error.code;
  if (error instanceof Error && error.cause !== undefined) return codeOf(error.cause);
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** Sends the statement, and waits until the client's backend waits for a lock in it. @returns what came of it, when it came */
export async function heldAt({ field, client }: FaultScene, sql: string): Promise<{ readonly told: Promise<string> }> {
  const told = toldBy(client.script(sql));
  const waiting = 'SELECT pid FROM pg_locks WHERE pid = $1 AND NOT granted';
  await expect.poll(async () => (await field.owner.query(waiting, [client.processId])).rows.length).toBe(1);
  return { told };
}

/** The settings of a new client that are not those of the server, the rows of `written`, and who holds a lock. */
export async function leftBy({ field }: FaultScene) {
  const fresh = await field.db.connect();
  const settings = `SELECT name FROM pg_settings WHERE source IN ('database user', 'session') ORDER BY name`;
  const locks = `SELECT pid FROM pg_locks WHERE locktype IN ('relation', 'transactionid', 'advisory') AND pid <> ALL ($1)
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  const known = [fresh.processId, field.holder()?.processId];
  return {
    settings: (await fresh.query(settings)).rows.map(({ name }) => name),
    written: (await fresh.query('SELECT mark FROM written ORDER BY mark')).rows.map(({ mark }) => mark),
    locks: (await fresh.query(locks, [known])).rows,
  };
}

export const nothing = { settings: [], written: [], locks: [] };
