/** Deliberate edits of the SQL, each with what must be said of it. */

/** Rewrites one function with one word exchanged. */
function rewritten(name: string, was: string, is: string): string {
  return `DO $do$ BEGIN EXECUTE replace(pg_get_functiondef('${name}'::regproc), $was$${was}$was$, $is$${is}$is$); END $do$`;
}

const expire = 'public.core_expire_invites_v1(text, integer)';

export const bySql: readonly { readonly what: string; readonly sql: string; readonly says: RegExp }[] = [
  {
    what: 'a CHECK dropped',
    sql: 'ALTER TABLE public.core_members DROP CONSTRAINT core_members_role',
    says: /^enums: core_members_role=/,
  },
  {
    what: 'a value of a CHECK dropped',
    sql: `ALTER TABLE public.core_members DROP CONSTRAINT core_members_role;
      ALTER TABLE public.core_members ADD CONSTRAINT core_members_role CHECK (role IN ('owner', 'admin', 'member'))`,
    says: /^enums: core_members_role=\["owner","admin","member"\] is not in the registry/,
  },
  {
    what: 'a limit',
    sql: "UPDATE core.settings SET value = 501 WHERE name = 'timeline_actor'",
    says: /^settings: timeline_actor=501/,
  },
  {
    what: 'a constant of a body',
    sql: rewritten('core.live_unread', '1000', '2000'),
    says: /^constants: core.live_unread says unread_shown_max=1000 0 times/,
  },
  {
    what: 'a constant of which a comment and a reply are left',
    sql: rewritten('core.timeline_refusal', 'p_limit > 200', 'p_limit > 500 -- 200'),
    says: /^constants: core.timeline_refusal says limit_max=200 1 times, not 2/,
  },
  {
    what: 'a constant of a CHECK',
    sql: `ALTER TABLE public.core_admin_actions DROP CONSTRAINT core_admin_actions_reason_text,
      ADD CONSTRAINT core_admin_actions_reason_text CHECK (char_length(reason_text) <= 5000)`,
    says: /^constants: core_admin_actions_reason_text says reason_text_max=500 0 times/,
  },
  {
    what: 'a grant',
    sql: `GRANT EXECUTE ON FUNCTION ${expire} TO anon`,
    says: /^rpcs: core_expire_invites_v1\(.*\) by anon is not in the registry/,
  },
  {
    what: 'a new RPC',
    sql: `CREATE FUNCTION public.core_more_v1() RETURNS jsonb LANGUAGE sql AS $$ SELECT core.done('more') $$`,
    says: /^rpcs: core_more_v1\(\) by authenticated is not in the registry/,
  },
  {
    what: 'an RPC dropped',
    sql: `DROP FUNCTION ${expire}`,
    says: /^rpcs: core_expire_invites_v1\(.*\) by service_role is in the registry alone/,
  },
  {
    what: 'another default of an argument',
    sql: rewritten('public.core_expire_invites_v1', 'DEFAULT 1000', 'DEFAULT 5000'),
    says: /^rpcs: core_expire_invites_v1\(.*DEFAULT 5000\) by service_role is not in the registry/,
  },
  {
    what: 'a comment dropped',
    sql: `COMMENT ON FUNCTION ${expire} IS NULL`,
    says: /^comments: core_expire_invites_v1 has none/,
  },
  {
    what: 'a reply left out of a comment',
    sql: `COMMENT ON FUNCTION ${expire} IS 'Closes them. Replies: invites_expired; none. Families: command.'`,
    says: /^comments: that of core_expire_invites_v1 does not end with/,
  },
  {
    what: 'a reply that nobody documents',
    sql: rewritten('core.join_refusal', 'fanout_on_read_required', 'too_large'),
    says: /^replies: core_accept_invite_v1 does not document refused too_large/,
  },
  {
    what: 'a reply that is no longer given',
    sql: rewritten('public.core_ack_v1', 'ack_invalid', 'ack_out_of_range'),
    says: /^replies: core_ack_v1 documents refused ack_invalid and never gives it/,
  },
  {
    what: 'a refusal that turns into a success',
    sql: rewritten('public.core_ack_v1', "core.refused('ack_invalid')", "core.done('ack_invalid')"),
    says: /^replies: core_ack_v1 does not document done ack_invalid/,
  },
  {
    what: 'a trigger dropped',
    sql: 'DROP TRIGGER guard_watermarks ON public.core_projection_watermarks',
    says: /^triggers: core_projection_watermarks guard_watermarks /,
  },
  {
    what: 'a trigger disabled',
    sql: 'ALTER TABLE public.core_events DISABLE TRIGGER guard_retention',
    says: /^triggers: core_events guard_retention /,
  },
  {
    what: 'a mark dropped',
    sql: rewritten('core.reason_refusal', '-- guard: reason-required', '-- a guard'),
    says: /^conditions: reason-required /,
  },
  { what: 'a table', sql: 'CREATE TABLE public.core_more (id int)', says: /^linddun: core_more says nothing of L/ },
];
