/** Tables of the core that are full enough for plans to matter. */

import { vacuumAll } from '../../vacuumed.ts';
import type { Scene } from './scene.ts';

const HASH = "repeat('0', 64)";

/** Some 25 000 rows of others around what the scene holds, triggers aside, with statistics. */
export async function fillAround({ owner }: Scene): Promise<void> {
  await owner.script(`BEGIN;
    SET LOCAL session_replication_role = replica;
    INSERT INTO auth.users (id) SELECT gen_random_uuid() FROM generate_series(1, 1000);
    CREATE TEMPORARY TABLE around ON COMMIT DROP AS
    SELECT n, gen_random_uuid() AS id, least(one, two) AS low, greatest(one, two) AS high, now() - n * interval '1 minute' AS at
    FROM generate_series(1, 1000) AS n
    CROSS JOIN LATERAL (SELECT gen_random_uuid() AS one, gen_random_uuid() AS two WHERE n > 0) AS pair;
    INSERT INTO public.core_scopes (id, scope_type, visibility, join_mode, policy_hash, dm_user_low, dm_user_high, scope_max_seq, created_by)
    SELECT id, 'dm', 'private', 'invite_only', ${HASH}, low, high, 3, low FROM around;
    INSERT INTO public.core_policies (scope_id, version, visibility, join_mode, delivery_strategy, invite_ttl, policy_hash)
    SELECT id, 1, 'private', 'invite_only', 'fanout_on_write', 168, ${HASH} FROM around;
    INSERT INTO public.core_members (scope_id, user_id) SELECT id, unnest(ARRAY[low, high]) FROM around;
    INSERT INTO public.core_projections (scope_id, user_id) SELECT id, unnest(ARRAY[low, high]) FROM around;
    INSERT INTO public.core_projection_watermarks (scope_id) SELECT id FROM around;
    INSERT INTO public.core_snapshots (scope_id, snapshot_seq, state, state_hash) SELECT id, 3, '{}', ${HASH} FROM around;
    INSERT INTO public.core_migrations (scope_id, kind, name, step, state, in_progress, checkpoint)
    SELECT id, 'migration', 'rehash_payloads', 'finished', 'done', false, 3 FROM around;
    INSERT INTO public.core_admin_actions (actor_id, scope_id, action, reason_code, created_at)
    SELECT high, id, 'set_maintenance', 'user_request', at FROM around;
    INSERT INTO public.core_invites (scope_id, invited_user_id, inviter_id, policy_version, policy_hash, status, expires_at)
    SELECT id, high, low, 1, ${HASH}, CASE again WHEN 1 THEN 'pending' ELSE 'rejected' END, at + interval '16 hours'
    FROM around, generate_series(1, 5) AS again;
    INSERT INTO public.core_rate_limits (bucket, subject, slot, called_at)
    SELECT unnest('{command_actor,timeline_actor}'::text[]), low::text, 0, at FROM around;
    INSERT INTO public.core_events (scope_id, event_seq, actor_id, command_type, event_idempotency_key, payload, payload_hash, client_ts, classification)
    SELECT id, seq, low, 'message_send', gen_random_uuid(), '{"body": "hello"}', ${HASH}, at, 'normal'
    FROM around, generate_series(1, 3) AS seq;
    INSERT INTO public.core_outcomes (tier, actor_id, scope_id, command_type, event_idempotency_key, state, outcome, code, payload_hash, created_at, archived_at)
    SELECT tier, low, id, 'message_send', gen_random_uuid(), CASE tier WHEN 'hot' THEN 'committed' ELSE 'archived' END, '{"ok": true}',
      'event_appended', ${HASH}, at - interval '729 days 12 hours', CASE tier WHEN 'archive' THEN at END
    FROM around, unnest('{hot,archive}'::text[]) AS tier, generate_series(1, 2);
    COMMIT`);
  await vacuumAll(owner);
}
