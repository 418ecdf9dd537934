/** Calls of the platform core in few words, for tests about something else. */

import type { Persona } from '../../../fixtures/model/persona.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import { as, call, key, type Reply, reason, type Scene, users } from './scene.ts';
import type { Arguments } from './statements.ts';

/** Creates a scope of `persona`; private and by invitation where `over` says nothing else. */
export function create(scene: Scene, persona: Persona, over: Arguments = {}): Promise<Reply> {
  return call(scene, persona, 'core_create_scope_v1', {
    p_scope_type: 'group',
    p_visibility: 'private',
    p_join_mode: 'invite_only',
    p_key: key(),
    ...over,
  });
}

/** A group of Ann's with the others as members; its id. */
export async function group(scene: Scene, others: readonly Persona[], over: Arguments = {}): Promise<string> {
  const id = String((await create(scene, as.ann, over))['scope_id']);
  for (const other of others) await bring(scene, id, other);
  return id;
}

/** Invites as Ann and accepts as `persona`. */
export async function bring(scene: Scene, scope: string, persona: Persona): Promise<Reply> {
  const invited = await invite(scene, as.ann, scope, String(persona.user));
  return accept(scene, persona, String(invited['invite_id']));
}

export function invite(scene: Scene, persona: Persona, scope: string, user: string, over: Arguments = {}) {
  return call(scene, persona, 'core_invite_v1', { p_scope: scope, p_user: user, p_key: key(), ...over });
}

export function accept(scene: Scene, persona: Persona, inviteId: string, over: Arguments = {}): Promise<Reply> {
  return call(scene, persona, 'core_accept_invite_v1', { p_invite: inviteId, p_key: key(), ...over });
}

/** Arguments of one message, sent now. */
export function message(scope: string, over: Arguments = {}): Arguments {
  return {
    p_scope: scope,
    p_command_type: 'message_send',
    p_payload: { body: 'hello' },
    p_key: key(),
    p_client_ts: new Date().toISOString(),
    ...over,
  };
}

export function send(scene: Scene, persona: Persona, scope: string, over: Arguments = {}): Promise<Reply> {
  return call(scene, persona, 'core_append_event_v1', message(scope, over));
}

export function timeline(scene: Scene, persona: Persona, scope: string, over: Arguments = {}): Promise<Reply> {
  return call(scene, persona, 'core_query_timeline_v1', { p_scope: scope, ...over });
}

/** Acknowledges up to `delivered`, as read too where `read` says nothing else. */
export function ack(
  scene: Scene,
  persona: Persona,
  scope: string,
  delivered: number | null,
  read: number | null = delivered,
): Promise<Reply> {
  const args = { p_scope: scope, p_delivered_seq: delivered, p_read_seq: read, p_key: key() };
  return call(scene, persona, 'core_ack_v1', args);
}

export function change(
  scene: Scene,
  persona: Persona,
  scope: string,
  action: string,
  user: string,
  over: Arguments = {},
): Promise<Reply> {
  const args = { p_scope: scope, p_user: user, p_action: action, p_key: key(), ...over };
  return call(scene, persona, 'core_change_membership_v1', args);
}

export function join(scene: Scene, persona: Persona, scope: string): Promise<Reply> {
  return change(scene, persona, scope, 'join', String(persona.user));
}

/** Takes `user` out as Ann. */
export function remove(scene: Scene, scope: string, user: string, over: Arguments = {}): Promise<Reply> {
  return change(scene, as.ann, scope, 'remove', user, { ...reason, ...over });
}

/** Arguments of the policy update that changes `fields` and nothing else. */
export async function policyChange(scene: Scene, scope: string, fields: Arguments): Promise<Arguments> {
  const { rows } = await scene.owner.query(
    `SELECT f AS policy, core.policy_hash(f) AS hash
     FROM (SELECT to_jsonb(p) - '{scope_id,version,policy_hash,created_at}'::text[] || $2::jsonb AS f
       FROM public.core_policies AS p WHERE p.scope_id = $1 ORDER BY p.version DESC LIMIT 1) AS changed`,
    [scope, JSON.stringify(fields)],
  );
  return {
    p_scope: scope,
    p_policy: rows[0]?.['policy'] as Readonly<Record<string, unknown>>,
    p_policy_hash: String(rows[0]?.['hash']),
    p_key: key(),
    ...reason,
  };
}

export function setMode(scene: Scene, scope: string, mode: string, over: Arguments = {}): Promise<Reply> {
  return call(scene, as.service, 'core_set_maintenance_v1', {
    p_scope: scope,
    p_mode: mode,
    p_key: key(),
    ...reason,
    ...over,
  });
}

/** Past the triggers, in one transaction: damage and age that no guard can be asked about. */
export async function asReplica(scene: Scene, sql: string): Promise<void> {
  await scene.owner.script(`BEGIN; SET LOCAL session_replication_role = replica; ${sql}; COMMIT`);
}

/** Puts `count` messages of `user` into the log as if they had been sent, triggers aside: thousands in no time. */
export async function fill(scene: Scene, scope: string, count: number, user: string = users.ann): Promise<void> {
  await asReplica(
    scene,
    `INSERT INTO public.core_events
      (scope_id, event_seq, actor_id, command_type, event_idempotency_key, payload, payload_hash, client_ts, classification)
    SELECT s.id, s.scope_max_seq + n, ${literal(user)}, 'message_send', gen_random_uuid(), p.payload, core.hash_of(p.payload), clock_timestamp(), s.data_classification
    FROM public.core_scopes AS s, generate_series(1, ${count}) AS n, jsonb_build_object('n', n) AS p (payload)
    WHERE s.id = ${literal(scope)};
    UPDATE public.core_scopes SET scope_max_seq = scope_max_seq + ${count} WHERE id = ${literal(scope)};
    UPDATE public.core_projections AS p
    SET last_event_seq = s.scope_max_seq,
      last_event_at = (SELECT server_time FROM public.core_events WHERE scope_id = s.id AND event_seq = s.scope_max_seq),
      unread_count = p.unread_count + CASE WHEN p.user_id = ${literal(user)} THEN 0 ELSE ${count} END
    FROM public.core_scopes AS s
    WHERE s.id = p.scope_id AND s.id = ${literal(scope)};
    UPDATE public.core_projection_watermarks AS w
    SET dialogs_watermark_seq = s.scope_max_seq, unread_watermark_seq = s.scope_max_seq
    FROM public.core_scopes AS s
    WHERE s.id = w.scope_id AND s.id = ${literal(scope)}`,
  );
}
