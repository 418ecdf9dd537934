/** People of the platform core on a clone of their own, and what its tests do most: call, fill, look at every row. */

import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { perform } from '../../../fixtures/act/act.ts';
import { service, signedIn } from '../../../fixtures/act/personas.ts';
import type { Database } from '../../../fixtures/lab/lab.ts';
import type { Persona } from '../../../fixtures/model/persona.ts';
import type { Observation, Probe } from '../../../fixtures/model/probe.ts';
import { literal, qualified } from '../../../fixtures/wire/escape.ts';
import type { Session } from '../../../fixtures/wire/session.ts';
import { callerOn, type FileLab, fileLab } from '../../file-lab.ts';
import { type Arguments, callOf } from './statements.ts';

export const project = fileURLToPath(new URL('../../../supabase/core', import.meta.url));

/** In the order of their ids. Dan and Eve belong to nothing. */
export const users = {
  ann: 'aaaaaaaa-0000-4000-8000-000000000001',
  bob: 'aaaaaaaa-0000-4000-8000-000000000002',
  cat: 'aaaaaaaa-0000-4000-8000-000000000003',
  dan: 'aaaaaaaa-0000-4000-8000-000000000004',
  eve: 'aaaaaaaa-0000-4000-8000-000000000005',
} as const;

export const as = {
  ann: signedIn(users.ann, 'ann'),
  bob: signedIn(users.bob, 'bob'),
  cat: signedIn(users.cat, 'cat'),
  dan: signedIn(users.dan, 'dan'),
  eve: signedIn(users.eve, 'eve'),
  service: service(),
} as const;

/** The id of no row. */
export const missing = 'dddddddd-0000-4000-8000-000000000000';

/** A call of the service whose token names the operator. */
export function operator(id: string): Persona {
  const value = JSON.stringify({ role: 'service_role', sub: id });
  return { ...service(), name: 'operator', settings: [{ name: 'request.jwt.claims', value }] };
}

export interface Scene extends AsyncDisposable {
  readonly db: Database;
  readonly owner: Session;
  /** A genuine login for calls one after the other. */
  readonly caller: Session;
}

/** For one test file: each call opens a scene on a clone of its own. */
export function scenes(): () => Promise<Scene> {
  const lab = fileLab();
  return () => openScene(lab);
}

/** A clone at the head with the people above and nothing else. */
export async function openScene(lab: FileLab): Promise<Scene> {
  const db = await lab.clone({ project });
  const people = Object.entries(users).map(([name, id]) => `(${literal(id)}, ${literal(`${name}@example.test`)})`);
  await db.owner.script(`INSERT INTO auth.users (id, email) VALUES ${people.join(', ')}`);
  const caller = await callerOn(lab, db);
  const leave = async () => {
    await caller.close();
    await db[Symbol.asyncDispose]();
  };
  return { db, owner: db.owner, caller, [Symbol.asyncDispose]: leave };
}

export type Reply = Readonly<Record<string, unknown>> & { readonly ok?: boolean; readonly code?: string };

/** Calls an RPC as `persona`, committed: its reply, or the SQLSTATE with which the server refused. */
export async function call(scene: Scene, persona: Persona, routine: string, args: Arguments): Promise<Reply> {
  return replyOf(await perform(scene.caller, probeOf(persona, routine, args)));
}

/** Runs one statement as `persona` and keeps what it did. */
export function run(scene: Scene, persona: Persona, sql: string): Promise<Observation> {
  return perform(scene.caller, { persona, sql });
}

export function probeOf(persona: Persona, routine: string, args: Arguments): Probe {
  return { persona, sql: callOf(routine, args) };
}

export function replyOf({ error, rows }: Observation): Reply {
  if (error) return { sqlstate: error.sqlstate };
  return JSON.parse(rows[0]?.[0] ?? 'null') as Reply;
}

/** The constraint, or the guard, by which a statement of the schema's owner was refused; null: it was not. */
export async function forbidden(scene: Scene, sql: string): Promise<string | null> {
  const { error } = await scene.owner.observe(sql);
  return error === null ? null : (error.constraint ?? error.sqlstate);
}

export type Row = Readonly<Record<string, unknown>>;

/** Every row of one table, in a stable order, events by number; `schema.table` where it is not public. */
export async function rowsOf(scene: Scene, table: string): Promise<readonly Row[]> {
  const [schema = 'public', name = schema] = table.includes('.') ? table.split('.') : ['public', table];
  const order = table.endsWith('core_events') ? 't.scope_id, t.event_seq' : '1';
  const { rows } = await scene.owner.query(
    `SELECT to_jsonb(t) AS row FROM ${qualified(schema, name)} AS t ORDER BY ${order}`,
  );
  return rows.map(({ row }) => row as Row);
}

/** Every row of every table of the project, except the calls that count against a rate. */
export async function stateOf(scene: Scene): Promise<Readonly<Record<string, readonly Row[]>>> {
  const tables = scene.db.catalog.relations
    .filter(({ platform, kind, relname }) => !platform && kind === 'table' && relname !== 'core_rate_limits')
    .map(({ schema, relname }) => `${schema}.${relname}`);
  const read: Record<string, readonly Row[]> = {};
  for (const table of tables) read[table] = await rowsOf(scene, table);
  return read;
}

/** Runs `work` and asserts that it left every row as it was. */
export async function unchanged<T>(scene: Scene, work: () => Promise<T>): Promise<T> {
  const before = await stateOf(scene);
  const result = await work();
  expect(await stateOf(scene), 'every row is as it was').toEqual(before);
  return result;
}

/** A fresh idempotency key. */
export function key(): string {
  return crypto.randomUUID();
}

/** Sets limits and settings as a deployment would, without the RPC. */
export async function settle(scene: Scene, settings: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    await scene.owner.query('UPDATE core.settings SET value = $2 WHERE name = $1', [name, value]);
  }
}

/** A reason that every administrative call takes. */
export const reason = { p_reason_code: 'user_request' } as const;
