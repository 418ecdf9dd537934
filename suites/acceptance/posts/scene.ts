/** One person of each role, their collectives and posts, on a clone of their own, and what the tests do most. */

import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { perform } from '../../../fixtures/act/act.ts';
import { anon, service, signedIn } from '../../../fixtures/act/personas.ts';
import { actWatched, startWatch, type Watch } from '../../../fixtures/act/watch.ts';
import type { Database } from '../../../fixtures/lab/lab.ts';
import type { Persona } from '../../../fixtures/model/persona.ts';
import type { Observation, Probe } from '../../../fixtures/model/probe.ts';
import { literal, qualified } from '../../../fixtures/wire/escape.ts';
import type { Session } from '../../../fixtures/wire/session.ts';
import { callerOn, type FileLab, fileLab } from '../../file-lab.ts';
import { type Arguments, callOf, type Pair } from './statements.ts';

export const project = fileURLToPath(new URL('../../../supabase/posts', import.meta.url));

/** Versions of the stages: what sharing stands on, the first version with its mistakes, and the head. */
export const stages = { ground: '20250701000001', first: '20250701000002', head: '20250701000009' } as const;
export type Stage = keyof typeof stages;

/** Named by their role in `open` and `strict`; the outsider owns `far`, and belongs to nothing else. */
export const users = {
  owner: 'aaaaaaaa-0000-4000-8000-000000000001',
  admin: 'aaaaaaaa-0000-4000-8000-000000000002',
  editor: 'aaaaaaaa-0000-4000-8000-000000000003',
  author: 'aaaaaaaa-0000-4000-8000-000000000004',
  member: 'aaaaaaaa-0000-4000-8000-000000000005',
  outsider: 'aaaaaaaa-0000-4000-8000-000000000006',
} as const;
export type Person = keyof typeof users;
export const people = Object.keys(users) as readonly Person[];

/** `strict` asks for approval. */
export const collectives = {
  open: 'bbbbbbbb-0000-4000-8000-000000000001',
  strict: 'bbbbbbbb-0000-4000-8000-000000000002',
  far: 'bbbbbbbb-0000-4000-8000-000000000003',
} as const;
export type Collective = keyof typeof collectives;

/** The private post of each person. */
export const posts: Readonly<Record<Person, string>> = {
  owner: postId(1),
  admin: postId(2),
  editor: postId(3),
  author: postId(4),
  member: postId(5),
  outsider: postId(6),
};

/** A public post of the author's. */
export const publicPost = postId(7);

/** The id of no row. */
export const missing = 'dddddddd-0000-4000-8000-000000000000';

export const as = {
  owner: signedIn(users.owner, 'owner'),
  admin: signedIn(users.admin, 'admin'),
  editor: signedIn(users.editor, 'editor'),
  author: signedIn(users.author, 'author'),
  member: signedIn(users.member, 'member'),
  outsider: signedIn(users.outsider, 'outsider'),
  anon: anon(),
  service: service(),
} as const;

export interface Scene extends AsyncDisposable {
  readonly db: Database;
  readonly owner: Session;
  /** A genuine login for calls one after the other. */
  readonly caller: Session;
  readonly login: string;
}

/** For one test file: each call opens a scene on a clone of its own. */
export function scenes(): (stage?: Stage) => Promise<Scene> {
  const lab = fileLab();
  return (stage) => openScene(lab, stage);
}

/** A clone at `stage` with the people, collectives, seats and posts above. */
export async function openScene(lab: FileLab, stage: Stage = 'head'): Promise<Scene> {
  const db = await lab.clone({ project, to: stages[stage] });
  await db.owner.script(population());
  const caller = await callerOn(lab, db);
  const leave = async () => {
    await caller.close();
    await db[Symbol.asyncDispose]();
  };
  const login = lab.access.login.user;
  return { db, owner: db.owner, caller, login, [Symbol.asyncDispose]: leave };
}

/** Runs one statement as `persona`, committed, and keeps what it did. */
export function run(scene: Scene, persona: Persona, sql: string): Promise<Observation> {
  return perform(scene.caller, { persona, sql });
}

/** What one statement of a persona came to: the number of rows, or the SQLSTATE with which it was refused. */
export async function outcome(scene: Scene, persona: Persona, sql: string): Promise<number | string> {
  return outcomeOf(await run(scene, persona, sql));
}

export function outcomeOf({ error, count }: Observation): number | string {
  return error?.sqlstate ?? count ?? 0;
}

/** Calls a function as `persona`, committed: its rows, or the SQLSTATE with which the server refused. */
export async function call(scene: Scene, persona: Persona, routine: string, args: Arguments): Promise<unknown> {
  return rowsOf(await run(scene, persona, callOf(routine, args)));
}

export function rowsOf({ error, rows }: Observation): unknown {
  return error ? error.sqlstate : rows.map(([reply]) => JSON.parse(reply ?? 'null') as unknown);
}

/** The one reply of `create_post_collective_associations`. */
export async function share(
  scene: Scene,
  persona: Persona,
  post: string | null,
  into: readonly (string | null)[] | null,
  settings: Arguments | string | null = {},
): Promise<unknown> {
  return replyOf(await perform(scene.caller, shareProbe(persona, post, into, settings)));
}

export function shareProbe(
  persona: Persona,
  post: string | null,
  into: readonly (string | null)[] | null,
  settings: Arguments | string | null = {},
): Probe {
  const args = { p_post: post, p_collectives: into, p_settings: settings };
  return { persona, sql: callOf('create_post_collective_associations', args) };
}

export function replyOf(observation: Observation): unknown {
  const rows = rowsOf(observation);
  return Array.isArray(rows) ? rows[0] : rows;
}

export type Row = Readonly<Record<string, unknown>>;

/** Every row of one table, in a stable order; the log in the order of time. */
export async function table(scene: Scene, name: string): Promise<readonly Row[]> {
  const order = name === 'post_collective_audit_log' ? 't.performed_at, t.id' : '1';
  const { rows } = await scene.owner.query(
    `SELECT to_jsonb(t) AS row FROM ${qualified('public', name)} AS t ORDER BY ${order}`,
  );
  return rows.map(({ row }) => row as Row);
}

export const associations = (scene: Scene): Promise<readonly Row[]> => table(scene, 'post_collectives');
export const log = (scene: Scene): Promise<readonly Row[]> => table(scene, 'post_collective_audit_log');

/** Runs `work` and asserts that it left every row as it was, the log's included. */
export async function unchanged<T>(scene: Scene, work: () => Promise<T>): Promise<T> {
  const names = scene.db.catalog.relations.filter(({ platform }) => !platform).map(({ relname }) => relname);
  const state = async () => {
    const read: (readonly Row[])[] = [];
    for (const name of names) read.push(await table(scene, name));
    return read;
  };
  const before = await state();
  const result = await work();
  expect(await state(), 'every row is as it was').toEqual(before);
  return result;
}

/** Puts an association there as the owner of the schema would; published, and shared by the post's author, where nothing is said. */
export async function place(scene: Scene, { post, collective }: Pair, over: Arguments = {}): Promise<string> {
  const { rows } = await scene.owner.query(
    `INSERT INTO public.post_collectives (post_id, collective_id, shared_by, status)
     SELECT p.id, $2, coalesce($3::uuid, p.author_id), $4 FROM public.posts AS p WHERE p.id = $1 RETURNING id`,
    [post, collective, over['shared_by'] ?? null, over['status'] ?? 'published'],
  );
  return String(rows[0]?.['id']);
}

/** Runs statements as their personas, each rolled back, and tells what each changed in the two tables. */
export async function watched(scene: Scene): Promise<(persona: Persona, sql: string) => Promise<Observation>> {
  const tables = ['post_collectives', 'post_collective_audit_log'].map((name) => ({
    name,
    sql: qualified('public', name),
    key: ['id'],
  }));
  const watch: Watch = await startWatch(scene.owner, scene.login, tables);
  return (persona, sql) => actWatched(scene.owner, watch, { persona, sql });
}

/** Sets one person's role in a collective; null takes the seat away. */
export async function seat(scene: Scene, collective: string, person: Person, role: string | null): Promise<void> {
  await scene.owner.script(seatOf(collective, person, role));
}

export function seatOf(collective: string, person: Person, role: string | null): string {
  const where = `WHERE collective_id = ${literal(collective)} AND member_id = ${literal(users[person])}`;
  if (role === null) return `DELETE FROM public.collective_members ${where}`;
  return `UPDATE public.collective_members SET role = ${literal(role)} ${where}`;
}

function postId(n: number): string {
  return `cccccccc-0000-4000-8000-00000000000${n}`;
}

function population(): string {
  const values = (rows: readonly (readonly (string | boolean)[])[]) =>
    rows.map((row) => `(${row.map(literal).join(', ')})`).join(', ');
  const roles = people.filter((person) => person !== 'outsider');
  const seats = [collectives.open, collectives.strict].flatMap((id) =>
    roles.map((person) => [id, users[person], person]),
  );
  return `
    INSERT INTO auth.users (id, email) VALUES ${values(people.map((person) => [users[person], `${person}@example.test`]))};
    INSERT INTO public.users (id) VALUES ${values(people.map((person) => [users[person]]))};
    INSERT INTO public.collectives (id, name, slug, owner_id, requires_approval) VALUES ${values([
      [collectives.open, 'Open', 'open', users.owner, false],
      [collectives.strict, 'Strict', 'strict', users.owner, true],
      [collectives.far, 'Far', 'far', users.outsider, false],
    ])};
    INSERT INTO public.collective_members (collective_id, member_id, role) VALUES ${values([
      ...seats,
      [collectives.far, users.outsider, 'owner'],
    ])};
    INSERT INTO public.posts (id, author_id, title, content, is_public) VALUES ${values([
      ...people.map((person) => [posts[person], users[person], `A post of the ${person}`, 'What it says', false]),
      [publicPost, users.author, 'A public post', 'What it says', true],
    ])}`;
}
