/** What the service levels of the platform core are measured on: people, scopes that they share, and a log of many events. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { perform } from '../../fixtures/act/act.ts';
import { signedIn } from '../../fixtures/act/personas.ts';
import type { Database, Lab } from '../../fixtures/lab/lab.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import { type Arguments, callOf } from '../acceptance/core/statements.ts';
import { userOf } from './core-callers.ts';

const project = fileURLToPath(new URL('../../supabase/core', import.meta.url));

export interface Ground extends AsyncDisposable {
  readonly owner: Session;
  /** For what the owner does at the same time. */
  readonly second: Session;
  /** One genuine login for each caller. */
  readonly sessions: readonly Session[];
  /** A private group of each caller, in their order. */
  readonly own: readonly string[];
  /** A public group of each caller, which whoever likes joins. */
  readonly open: readonly string[];
  /** A group that all callers are in. */
  readonly shared: string;
  /** Another, for `fillLog`. */
  readonly log: string;
  /** Channels that all callers are in, of a thousand events each. */
  readonly channels: readonly string[];
}

/** A clone with the callers and a crowd, all limits raised. */
export async function openGround(lab: Lab, callers: number, crowd: number): Promise<Ground> {
  const database = await lab.clone({ project });
  const { owner } = database;
  const people = Array.from({ length: callers + crowd }, (_, n) => userOf(n));
  await owner.query('INSERT INTO auth.users (id) SELECT unnest($1::uuid[])', [people]);
  await owner.script("UPDATE core.settings SET value = 1000000 WHERE name <> 'dm_self_allowed'");
  const sessions = await Promise.all(Array.from({ length: callers }, () => database.connect()));
  const each = (visibility: string, join: string) =>
    Promise.all(sessions.map((session, at) => createScope(session, at, 'group', visibility, join)));
  const [own, open] = [await each('private', 'invite_only'), await each('public', 'open')];
  const [first] = sessions;
  if (!first) throw new RangeError('nobody calls');
  const shared = await createScope(first, 0, 'group', 'public', 'open');
  const log = await createScope(first, 0, 'group', 'public', 'open');
  const channels: string[] = [];
  for (let n = 0; n < 10; n += 1) channels.push(await createScope(first, 0, 'channel', 'public', 'open'));
  for (const scope of [shared, log, ...channels]) await joinAll(sessions.slice(1), scope);
  for (const scope of channels) await fillLog(owner, scope, { events: 1000, days: 1 });
  const second = await database.connectAsOwner();
  return { owner, second, sessions, own, open, shared, log, channels, [Symbol.asyncDispose]: () => closed(database) };
}

async function closed(database: Database): Promise<void> {
  await database[Symbol.asyncDispose]();
}

async function joinAll(sessions: readonly Session[], scope: string): Promise<void> {
  await Promise.all(
    sessions.map((session, before) =>
      done(session, before + 1, 'change_membership', {
        p_scope: scope,
        p_user: userOf(before + 1),
        p_action: 'join',
        p_key: randomUUID(),
      }),
    ),
  );
}

async function createScope(session: Session, at: number, type: string, visibility: string, join: string) {
  const reply = await done(session, at, 'create_scope', {
    p_scope_type: type,
    p_visibility: visibility,
    p_join_mode: join,
    p_delivery_strategy: type === 'channel' ? 'fanout_on_read' : 'fanout_on_write',
    p_key: randomUUID(),
  });
  return String(reply['scope_id']);
}

/** A call of the set-up, which has to succeed. */
async function done(session: Session, at: number, rpc: string, args: Arguments) {
  const { error, rows } = await perform(session, {
    persona: signedIn(userOf(at)),
    sql: callOf(`core_${rpc}_v1`, args),
  });
  const reply = JSON.parse(rows[0]?.[0] ?? '{}') as Readonly<Record<string, unknown>>;
  if (reply['ok'] !== true) throw new Error(`${rpc} did not succeed: ${error?.message ?? rows[0]?.[0]}`);
  return reply;
}

/** Puts messages of the first caller into an empty log, the last one now and the others evenly before it. */
export async function fillLog(
  owner: Session,
  scope: string,
  { events, days }: { readonly events: number; readonly days: number },
): Promise<void> {
  await owner.script(`BEGIN;
    SET LOCAL session_replication_role = replica;
    INSERT INTO public.core_events
      (scope_id, event_seq, actor_id, command_type, event_idempotency_key, payload, payload_hash, client_ts, server_time, classification)
    SELECT ${literal(scope)}, n, ${literal(userOf(0))}, 'message_send', gen_random_uuid(), '{"body": "When would suit you?"}', repeat('0', 64),
      at, at, 'normal'
    FROM generate_series(1, ${events}) AS n, LATERAL (SELECT now() - (${events} - n) * interval '${days} days' / ${events}) AS sent (at);
    UPDATE public.core_scopes SET scope_max_seq = ${events} WHERE id = ${literal(scope)};
    UPDATE public.core_projections SET last_event_seq = ${events}, last_event_at = now(),
      unread_count = CASE WHEN user_id = ${literal(userOf(0))} THEN 0 ELSE ${events} END
    WHERE scope_id = ${literal(scope)};
    UPDATE public.core_projection_watermarks SET dialogs_watermark_seq = ${events}, unread_watermark_seq = ${events}
    WHERE scope_id = ${literal(scope)};
    COMMIT`);
}
