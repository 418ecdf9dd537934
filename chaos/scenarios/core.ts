/** Platform core as scenarios use it: people, a group of theirs, calls and what is stored. */

import { perform } from '../../fixtures/act/act.ts';
import { service, signedIn } from '../../fixtures/act/personas.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import { ident, literal, qualified } from '../../fixtures/wire/escape.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import type { ScenarioStage } from '../scenario.ts';
import type { Reply } from './calls.ts';

/** What an argument may be: objects and arrays travel as JSON. */
export type Value = string | number | boolean | null | readonly unknown[] | { readonly [name: string]: unknown };
export type Arguments = Readonly<Record<string, Value>>;

export interface Core {
  /** Owns the group. */
  readonly ann: Persona;
  /** Its members. */
  readonly members: readonly Persona[];
  /** Id of the group. */
  readonly scope: string;
  /** Calls directly, past every fault: for what is no part of the scenario. @throws Error where the server refuses */
  do(persona: Persona, routine: string, args: Arguments): Promise<Reply>;
}

export const operations = service();

/** A group of Ann's with so many members, each brought in by invitation. */
export async function openCore({ db }: ScenarioStage, count: number): Promise<Core> {
  const [ann, ...members] = Array.from({ length: count + 1 }, (_, n) =>
    signedIn(`aaaaaaaa-0000-4000-8000-${String(n).padStart(12, '0')}`, n === 0 ? 'Ann' : `member ${n}`),
  ) as [Persona, ...Persona[]];
  const ids = [ann, ...members].map(({ user }) => user);
  await db.owner.query('INSERT INTO auth.users (id) SELECT unnest($1::uuid[])', [ids]);
  const session = await db.connect();
  const core = { ann, members, do: calling(session) };
  const { scope_id } = await core.do(ann, 'core_create_scope_v1', newScope());
  const scope = String(scope_id);
  for (const { user } of members) {
    const invited = { p_scope: scope, p_user: user, p_key: key() };
    const { invite_id } = await core.do(ann, 'core_invite_v1', invited);
    await core.do(signedIn(String(user)), 'core_accept_invite_v1', { p_invite: String(invite_id), p_key: key() });
  }
  return { ...core, scope };
}

function calling(session: Session): Core['do'] {
  return async (persona, routine, args) => {
    const { error, rows } = await perform(session, probeOf(persona, routine, args));
    if (error) throw new Error(`${routine} was refused: ${error.message}`);
    return JSON.parse(rows[0]?.[0] ?? 'null') as Reply;
  };
}

/** A fresh idempotency key. */
export function key(): string {
  return crypto.randomUUID();
}

/** A call by its arguments' names; its reply is the column `reply`. */
export function probeOf(persona: Persona, routine: string, args: Arguments): Probe {
  const named = Object.entries(args).map(([name, value]) => `${ident(name)} => ${valueSaid(value)}`);
  return { persona, sql: `SELECT ${qualified('public', routine)}(${named.join(', ')}) AS reply` };
}

function valueSaid(value: Value): string {
  return literal(typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
}

/** Arguments of a new private group. */
export function newScope(over: Arguments = {}): Arguments {
  const kind = { p_scope_type: 'group', p_visibility: 'private', p_join_mode: 'invite_only' };
  return { ...kind, p_key: key(), ...over };
}

/** A message to the scope, sent now; `over` replaces arguments. */
export function message(persona: Persona, scope: string, over: Arguments = {}): Probe {
  return probeOf(persona, 'core_append_event_v1', {
    p_scope: scope,
    p_command_type: 'message_send',
    p_payload: { body: 'hello' },
    p_key: key(),
    p_client_ts: new Date().toISOString(),
    ...over,
  });
}

export interface Stored {
  readonly events: number;
  /** Replies that are kept for the key. */
  readonly outcomes: readonly Reply[];
}

/** What is stored of each key, past every policy. */
export async function storedOf(owner: Session, keys: readonly string[]): Promise<ReadonlyMap<string, Stored>> {
  const { rows } = await owner.query(
    `SELECT asked.key,
       (SELECT count(*)::int FROM public.core_events AS e WHERE e.event_idempotency_key = asked.key) AS events,
       (SELECT coalesce(jsonb_agg(o.outcome), '[]') FROM public.core_outcomes AS o WHERE o.event_idempotency_key = asked.key) AS outcomes
     FROM unnest($1::text[]) AS asked (key)`,
    [keys],
  );
  return new Map(
    rows.map((row) => [String(row['key']), { events: Number(row['events']), outcomes: row['outcomes'] as Reply[] }]),
  );
}

/** Where log, outcomes, members, projections and watermarks of a scope do not agree, one sentence each; none is well. */
export async function discordOf(owner: Session, scope: string): Promise<readonly string[]> {
  const { rows } = await owner.query(`SELECT * FROM (${DISCORD}) AS found WHERE fault IS NOT NULL`, [scope]);
  return rows.map(({ fault }) => String(fault));
}

const DISCORD = `
  SELECT format('%s events from %s to %s, and the scope says %s', count(*), min(e.event_seq), max(e.event_seq), s.scope_max_seq) AS fault
  FROM public.core_scopes AS s LEFT JOIN public.core_events AS e ON e.scope_id = s.id
  WHERE s.id = $1
  GROUP BY s.scope_max_seq
  HAVING count(e.*) <> s.scope_max_seq OR coalesce(max(e.event_seq), 0) <> s.scope_max_seq
  UNION ALL
  SELECT format('%s outcomes of messages stand beside %s events', o.count, e.count)
  FROM (SELECT count(*) FROM public.core_outcomes WHERE scope_id = $1 AND code = 'event_appended') AS o,
    (SELECT count(*) FROM public.core_events WHERE scope_id = $1) AS e
  WHERE o.count <> e.count
  UNION ALL
  SELECT format('%s members, and the scope says %s', count(m.*), s.member_count)
  FROM public.core_scopes AS s LEFT JOIN public.core_members AS m ON m.scope_id = s.id AND m.state = 'joined'
  WHERE s.id = $1
  GROUP BY s.member_count
  HAVING count(m.*) <> s.member_count
  UNION ALL
  SELECT format('%s is told of event %s of %s, the watermarks say %s and %s', p.user_id, p.last_event_seq, s.scope_max_seq,
    w.dialogs_watermark_seq, w.unread_watermark_seq)
  FROM public.core_projections AS p
  JOIN public.core_scopes AS s ON s.id = p.scope_id
  JOIN public.core_projection_watermarks AS w ON w.scope_id = s.id
  WHERE s.id = $1
  AND (p.last_event_seq, w.dialogs_watermark_seq, w.unread_watermark_seq) <> (s.scope_max_seq, s.scope_max_seq, s.scope_max_seq)`;
