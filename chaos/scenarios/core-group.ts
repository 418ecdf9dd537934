/** A group of three on Platform core, what its people and operators ask of it, and what its tables hold. */

import { service, signedIn } from '../../fixtures/act/personas.ts';
import type { Database } from '../../fixtures/lab/lab.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import { must, type Rows } from './answers.ts';
import { type Arguments, key, probeOf } from './core.ts';

const id = (n: number) => `aaaaaaaa-0000-4000-8000-00000000000${n}`;
export const ids = { ann: id(1), bob: id(2), cat: id(3), dan: id(4) } as const;
export const as = {
  ann: signedIn(ids.ann, 'ann'),
  bob: signedIn(ids.bob, 'bob'),
  cat: signedIn(ids.cat, 'cat'),
  service: service(),
} as const;

export function message(scope: string, text: string, p_key = key()): Arguments {
  const now = new Date().toISOString();
  return { p_scope: scope, p_command_type: 'message_send', p_payload: { text }, p_key, p_client_ts: now };
}

export const send = (persona: Persona, args: Arguments): Probe => probeOf(persona, 'core_append_event_v1', args);

/** What became of a message, as its sender is told. */
export function statusOf(persona: Persona, { p_scope = null, p_key = null }: Arguments): Probe {
  return probeOf(persona, 'core_command_status_v1', { p_scope, p_command_type: 'message_send', p_key });
}

export function setMode(scope: string, mode: string): Probe {
  const why = { p_reason_code: 'user_request' };
  return probeOf(as.service, 'core_set_maintenance_v1', { p_scope: scope, p_mode: mode, p_key: key(), ...why });
}

/** Ann's group with Bob and Cat; `session` makes the calls. */
export async function openGroup({ owner }: Pick<Database, 'owner'>, session: Session): Promise<string> {
  const people = Object.entries(ids).map(([name, one]) => `(${literal(one)}, ${literal(`${name}@example.test`)})`);
  await owner.script(`INSERT INTO auth.users (id, email) VALUES ${people.join(', ')}`);
  const policy = { p_scope_type: 'group', p_visibility: 'private', p_join_mode: 'invite_only', p_key: key() };
  const made = await must(session, probeOf(as.ann, 'core_create_scope_v1', policy));
  const scope = String(made['scope_id']);
  for (const persona of [as.bob, as.cat]) {
    const invitation = { p_scope: scope, p_user: String(persona.user), p_key: key() };
    const invited = await must(session, probeOf(as.ann, 'core_invite_v1', invitation));
    const acceptance = { p_invite: String(invited['invite_id']), p_key: key() };
    await must(session, probeOf(persona, 'core_accept_invite_v1', acceptance));
  }
  return scope;
}

const TABLES = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND (n.nspname = 'core' OR (n.nspname = 'public' AND c.relname ~ '^core_')) AND c.relname <> 'core_rate_limits'
  ORDER BY 1`;

/** Every row of every table of the core as text, but for the calls that count against a rate; `but` names columns to leave out. */
export async function rowsOf(owner: Session, but: readonly string[] = []): Promise<Rows> {
  const { rows: tables } = await owner.query(TABLES);
  const read: Record<string, readonly string[]> = {};
  for (const { name } of tables) {
    const { rows } = await owner.query(`SELECT (to_jsonb(t) - $1::text[])::text AS row FROM ${name} AS t ORDER BY 1`, [
      but,
    ]);
    read[String(name)] = rows.map(({ row }) => String(row));
  }
  return read;
}
