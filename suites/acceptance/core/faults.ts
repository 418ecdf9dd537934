/** What no moment may show, whatever calls came together: asked of every row, one sentence a fault. */

import type { Scene } from './scene.ts';

/** @returns none where log, outcomes, members, invitations and projections agree. */
export async function faultsOf(scene: Scene): Promise<readonly string[]> {
  const { rows } = await scene.owner.query(Object.values(FAULTS).join(' UNION ALL '));
  return rows.map(({ fault }) => String(fault));
}

const FAULTS = {
  gaps: `SELECT format('%s has %s events from %s to %s and says %s', s.id, e.count, e.min, e.max, s.scope_max_seq) AS fault
    FROM public.core_scopes AS s
    CROSS JOIN LATERAL (SELECT count(*), min(event_seq), max(event_seq) FROM public.core_events WHERE scope_id = s.id) AS e
    WHERE e.max <> s.scope_max_seq OR e.count <> e.max - e.min + 1`,
  order: `SELECT format('event %s of %s is older than the one before', b.event_seq, b.scope_id)
    FROM public.core_events AS a
    JOIN public.core_events AS b ON b.scope_id = a.scope_id AND b.event_seq = a.event_seq + 1
    WHERE b.server_time < a.server_time`,
  outcomes: `SELECT format('%s %s has %s events at the number of its outcome', o.command_type, o.event_idempotency_key, e.count)
    FROM public.core_outcomes AS o
    CROSS JOIN LATERAL (
      SELECT count(*) FROM public.core_events AS e
      WHERE e.scope_id = o.scope_id AND e.event_idempotency_key = o.event_idempotency_key
      AND e.actor_id = o.actor_id AND e.command_type = o.command_type AND e.event_seq = (o.outcome ->> 'event_seq')::bigint
    ) AS e
    WHERE o.code = 'event_appended' AND o.created_at > now() - interval '1 day' AND e.count <> 1`,
  twice: `SELECT format('%s %s has %s events', command_type, event_idempotency_key, count(*))
    FROM public.core_events
    GROUP BY scope_id, actor_id, command_type, event_idempotency_key
    HAVING count(*) > 1`,
  tiers: `SELECT format('%s %s has %s outcomes', command_type, event_idempotency_key, count(*))
    FROM public.core_outcomes
    GROUP BY actor_id, scope_id, command_type, event_idempotency_key
    HAVING count(*) > 1`,
  members: `SELECT format('%s has %s members and says %s', s.id, m.count, s.member_count)
    FROM public.core_scopes AS s
    CROSS JOIN LATERAL (SELECT count(*) FROM public.core_members WHERE scope_id = s.id AND state = 'joined') AS m
    WHERE m.count <> s.member_count`,
  owners: `SELECT format('%s has no owner', s.id)
    FROM public.core_scopes AS s
    WHERE NOT EXISTS (SELECT 1 FROM public.core_members WHERE scope_id = s.id AND state = 'joined' AND role = 'owner')`,
  receipts: `SELECT format('%s has read %s of %s', m.user_id, m.last_read_seq, s.scope_max_seq)
    FROM public.core_members AS m
    JOIN public.core_scopes AS s ON s.id = m.scope_id
    WHERE m.last_delivered_seq > s.scope_max_seq`,
  invitations: `SELECT format('invitation %s is %s under version %s of %s', i.id, i.status, i.policy_version, s.policy_version)
    FROM public.core_invites AS i
    JOIN public.core_scopes AS s ON s.id = i.scope_id
    LEFT JOIN public.core_members AS m ON m.scope_id = i.scope_id AND m.user_id = i.invited_user_id
    WHERE i.status = 'pending'
    AND ((i.policy_version, i.policy_hash) <> (s.policy_version, s.policy_hash) OR m.state = 'joined')`,
  projected: `SELECT format('%s has %s projections of %s in %s', u.user_id, count(p.*), count(m.*), u.scope_id)
    FROM (SELECT scope_id, user_id FROM public.core_members UNION SELECT scope_id, user_id FROM public.core_projections) AS u
    LEFT JOIN public.core_members AS m ON (m.scope_id, m.user_id) = (u.scope_id, u.user_id) AND m.state = 'joined'
    LEFT JOIN public.core_projections AS p ON (p.scope_id, p.user_id) = (u.scope_id, u.user_id)
    GROUP BY u.scope_id, u.user_id
    HAVING count(p.*) <> count(m.*)`,
  unread: `SELECT format('%s has %s unread in %s, told %s', m.user_id, e.count, m.scope_id, p.unread_count)
    FROM public.core_projections AS p
    JOIN public.core_projection_watermarks AS w ON w.scope_id = p.scope_id
    JOIN public.core_members AS m ON (m.scope_id, m.user_id) = (p.scope_id, p.user_id)
    CROSS JOIN LATERAL (
      SELECT count(*) FROM public.core_events AS e
      WHERE e.scope_id = m.scope_id AND e.command_type = 'message_send' AND e.actor_id <> m.user_id
      AND e.event_seq > m.last_read_seq AND e.event_seq <= w.unread_watermark_seq
    ) AS e
    WHERE e.count <> p.unread_count`,
  dialogs: `SELECT format('%s is told %s of %s in %s', p.user_id, p.last_event_seq, s.scope_max_seq, s.id)
    FROM public.core_projections AS p
    JOIN public.core_projection_watermarks AS w ON w.scope_id = p.scope_id
    JOIN public.core_scopes AS s ON s.id = p.scope_id
    WHERE p.mode = 'normal' AND s.delivery_strategy = 'fanout_on_write'
    AND (p.last_event_seq <> s.scope_max_seq OR w.unread_watermark_seq <> s.scope_max_seq)`,
} as const;
