/** People, requests and conversations that the messaging tests share, on a clone of their own at any stage. */

import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { perform } from '../../../fixtures/act/act.ts';
import { signedIn } from '../../../fixtures/act/personas.ts';
import type { Database } from '../../../fixtures/lab/lab.ts';
import type { Persona } from '../../../fixtures/model/persona.ts';
import type { Observation } from '../../../fixtures/model/probe.ts';
import { ident, literal } from '../../../fixtures/wire/escape.ts';
import type { Session } from '../../../fixtures/wire/session.ts';
import { callerOn, type FileLab } from '../../file-lab.ts';
import { type Arguments, callOf } from './statements.ts';

export const project = fileURLToPath(new URL('../../../supabase/messaging', import.meta.url));

/** Versions of the four stages. */
export const stages = {
  baseline: '20250101000001',
  base: '20250101000002',
  callerCheck: '20250101000003',
  head: '20250101000004',
} as const;
export type Stage = keyof typeof stages;

/** The requester asked; the helper and the other helper each have a conversation about the open request. */
export const users = {
  requester: 'aaaaaaaa-0000-4000-8000-000000000001',
  helper: 'aaaaaaaa-0000-4000-8000-000000000002',
  other: 'aaaaaaaa-0000-4000-8000-000000000003',
  stranger: 'aaaaaaaa-0000-4000-8000-000000000004',
} as const;

/** The requester's requests, one in each status. */
export const requests = {
  open: 'bbbbbbbb-0000-4000-8000-000000000001',
  in_progress: 'bbbbbbbb-0000-4000-8000-000000000002',
  completed: 'bbbbbbbb-0000-4000-8000-000000000003',
  cancelled: 'bbbbbbbb-0000-4000-8000-000000000004',
} as const;
export type RequestStatus = keyof typeof requests;

export const conversations = {
  /** requester and helper, active, with one message of each */
  first: 'cccccccc-0000-4000-8000-000000000001',
  /** requester and the other helper, active, no message */
  second: 'cccccccc-0000-4000-8000-000000000002',
} as const;

/** The id of no row. */
export const missing = 'dddddddd-0000-4000-8000-000000000000';

export const as = {
  requester: signedIn(users.requester, 'requester'),
  helper: signedIn(users.helper, 'helper'),
  other: signedIn(users.other, 'other'),
  stranger: signedIn(users.stranger, 'stranger'),
} as const;

export interface Scene extends AsyncDisposable {
  readonly db: Database;
  readonly owner: Session;
  /** A genuine login for calls one after the other. */
  readonly caller: Session;
}

/** A clone at `stage` with the people and requests above and, where V2 exists, the two conversations. */
export async function openScene(lab: FileLab, stage: Stage = 'head'): Promise<Scene> {
  const db = await lab.clone({ project, to: stages[stage] });
  await db.owner.script(population(stage));
  const caller = await callerOn(lab, db);
  const leave = async () => {
    await caller.close();
    await db[Symbol.asyncDispose]();
  };
  return { db, owner: db.owner, caller, [Symbol.asyncDispose]: leave };
}

/**
 * One scene for the tests that must leave every row as it was, which is asserted after each.
 * After a test that failed the next one gets a fresh clone.
 */
export function untouched(
  lab: FileLab,
  stage: Stage = 'head',
): (work: (scene: Scene) => Promise<void>) => Promise<void> {
  const open = async () => {
    const scene = await openScene(lab, stage);
    return { scene, before: await stateOf(scene) };
  };
  let shared: ReturnType<typeof open> | null = null;
  return async (work) => {
    shared ??= open();
    try {
      const { scene, before } = await shared;
      await work(scene);
      expect(await stateOf(scene), 'every row is as it was').toEqual(before);
    } catch (error) {
      shared = null;
      throw error;
    }
  };
}

/** Runs one statement as `persona` and keeps what it did. */
export function run(scene: Scene, persona: Persona, sql: string): Promise<Observation> {
  return perform(scene.caller, { persona, sql });
}

/** The SQLSTATE with which one statement of `persona` was refused; null: it was not. */
export async function refusalOf(scene: Scene, persona: Persona, sql: string): Promise<string | null> {
  return (await run(scene, persona, sql)).error?.sqlstate ?? null;
}

/** Calls an RPC as `persona`: its jsonb reply, or the SQLSTATE with which the server refused. */
export async function call(scene: Scene, persona: Persona, routine: string, args: Arguments): Promise<unknown> {
  return replyOf(await run(scene, persona, callOf(routine, args)));
}

export function replyOf({ error, rows }: Observation): unknown {
  if (error) return { sqlstate: error.sqlstate };
  return JSON.parse(rows[0]?.[0] ?? 'null');
}

export const create = (scene: Scene, persona: Persona, request: string, helper: string | null, text: string | null) =>
  call(scene, persona, 'create_conversation_atomic', {
    p_help_request_id: request,
    p_helper_id: helper,
    p_initial_message: text,
  });

export const send = (
  scene: Scene,
  persona: Persona,
  conversation: string,
  sender: string | null,
  text: string | null,
) => call(scene, persona, 'send_message_v2', { p_conversation_id: conversation, p_sender_id: sender, p_content: text });

export const get = (scene: Scene, persona: Persona, conversation: string, user: string | null) =>
  call(scene, persona, 'get_conversation_v2', { p_conversation_id: conversation, p_user_id: user });

export type Row = Readonly<Record<string, unknown>>;

/** Every row of every table of the project, in a stable order; `tables` empty: all of them. */
export async function stateOf(
  scene: Scene,
  ...tables: readonly string[]
): Promise<Readonly<Record<string, readonly Row[]>>> {
  const wanted =
    tables.length > 0
      ? tables
      : scene.db.catalog.relations.filter(({ platform }) => !platform).map(({ relname }) => relname);
  const reads = wanted.map(
    (table) => `SELECT ${literal(table)} AS name, to_jsonb(t) AS row FROM public.${ident(table)} AS t`,
  );
  const { rows } = await scene.owner.query(`${reads.join(' UNION ALL ')} ORDER BY 1, 2`);
  const found = Map.groupBy(rows, ({ name }) => String(name));
  return Object.fromEntries(wanted.map((table) => [table, (found.get(table) ?? []).map(({ row }) => row as Row)]));
}

/** Rows of one table that are not in the scene from the start. */
export async function added(scene: Scene, table: 'conversations_v2' | 'messages_v2'): Promise<readonly Row[]> {
  const { [table]: rows = [] } = await stateOf(scene, table);
  return rows.filter(({ id }) => !/^(cccccccc|eeeeeeee)-/.test(String(id)));
}

function population(stage: Stage): string {
  const values = (rows: readonly (readonly (string | null)[])[]) =>
    rows.map((row) => `(${row.map(literal).join(', ')})`).join(', ');
  const people = `INSERT INTO auth.users (id, email) VALUES ${values(Object.entries(users).map(([name, id]) => [id, `${name}@example.test`]))};`;
  const board = Object.entries(requests).map(([status, id]) => [
    id,
    users.requester,
    `A request that is ${status}`,
    status,
  ]);
  const posted = `INSERT INTO public.help_requests (id, user_id, title, status) VALUES ${values(board)};`;
  if (stage === 'baseline') return people + posted;
  const past = '2025-02-01 12:00+00';
  const talks = [
    [conversations.first, requests.open, users.requester, users.helper, 'Helper offers a hand', past],
    [conversations.second, requests.open, users.requester, users.other, 'The other offers, too', past],
  ];
  const messages = [
    [
      'eeeeeeee-0000-4000-8000-000000000001',
      conversations.first,
      users.requester,
      'first',
      '2025-02-01 10:00+00',
      past,
    ],
    ['eeeeeeee-0000-4000-8000-000000000002', conversations.first, users.helper, 'second', '2025-02-01 11:00+00', past],
  ];
  return `${people}${posted}
    INSERT INTO public.conversations_v2 (id, help_request_id, requester_id, helper_id, initial_message, updated_at) VALUES ${values(talks)};
    INSERT INTO public.messages_v2 (id, conversation_id, sender_id, content, created_at, updated_at) VALUES ${values(messages)};`;
}
