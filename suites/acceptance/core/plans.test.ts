/** Which index each statement of the core is answered by: the server's own plans, for whatever stands in the functions. */

import { beforeAll, describe, expect, it } from 'vitest';
import type { Persona } from '../../../fixtures/model/persona.ts';
import type { Observation, Probe } from '../../../fixtures/model/probe.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import { fileLab } from '../../file-lab.ts';
import { explain, explainAll, type Plan, type PlanCacheMode } from '../../plans.ts';
import { create, fill, group, invite, message, send, setMode } from './acts.ts';
import { fillAround } from './plans.ts';
import { as, key, openScene, operator, probeOf, type Reply, reason, type Scene, users } from './scene.ts';
import type { Arguments } from './statements.ts';

const lab = fileLab();
let scene: Scene;
let calls: Readonly<Record<string, Call>>;

interface Call {
  readonly probe: Probe;
  readonly answer: string;
}

beforeAll(async () => {
  scene = await openScene(lab);
  calls = callsOn(await prepare(scene));
  await explainAll(scene.owner);
});

interface Ground {
  readonly home: string;
  readonly channel: string;
  readonly frozen: string;
  /** Of commands whose outcome is hot, and in the archive. */
  readonly hot: Arguments;
  readonly archived: Arguments;
}

/** Scopes that the calls work on, each with enough in it, among the thousand of others. */
async function prepare(on: Scene): Promise<Ground> {
  const home = await group(on, [as.bob]);
  const made = await create(on, as.ann, { p_scope_type: 'channel', p_delivery_strategy: 'fanout_on_read' });
  const [channel, frozen] = [String(made['scope_id']), await group(on, [])];
  for (const scope of [home, channel]) await fill(on, scope, 1500, users.bob);
  for (const mode of ['write_freeze', 'read_only_safe']) await setMode(on, frozen, mode);
  const [hot, archived] = [message(home), message(home)];
  for (const sent of [hot, archived]) await send(on, as.ann, home, sent);
  await on.owner.script(`SET session_replication_role = replica;
    UPDATE public.core_outcomes SET tier = 'archive', state = 'archived', archived_at = now()
    WHERE event_idempotency_key = ${literal(String(archived['p_key']))};
    UPDATE public.core_events SET server_time = server_time - interval '366 days'
    WHERE scope_id = ${literal(home)} AND event_seq <= 50;
    RESET session_replication_role`);
  await invite(on, as.ann, home, users.cat);
  await fillAround(on);
  return { home, channel, frozen, hot, archived };
}

/** Each call, and what it answers: a call that is refused on its way has not come to its statements. */
function callsOn({ home, channel, frozen, hot, archived }: Ground): Readonly<Record<string, Call>> {
  const rpc = (persona: Persona, name: string, args: Arguments, answer: string): Call => ({
    probe: probeOf(persona, `core_${name}_v1`, args),
    answer,
  });
  const read = (persona: Persona, sql: string, answer: string): Call => ({ probe: { persona, sql }, answer });
  const to = (args: Arguments) => ({ p_key: key(), ...args });
  const status = { p_scope: home, p_command_type: 'message_send', p_key: String(archived['p_key']) };
  const range = { p_scope: home, p_ranges: [[100, 400]] };
  const remove = { p_scope: home, p_user: users.bob, p_action: 'remove', ...reason };
  const fresh = { p_scope_type: 'group', p_visibility: 'private', p_join_mode: 'approval' };
  const batch = { p_batch: 5 };
  const rehash = { p_scope: frozen, p_migration: 'rehash_payloads' };
  const mode = (p_mode: string) => to({ p_scope: home, p_mode, ...reason });
  return {
    append: rpc(as.ann, 'append_event', message(home), 'event_appended'),
    replay: rpc(as.ann, 'append_event', hot, 'event_appended'),
    'archived replay': rpc(as.ann, 'append_event', archived, 'outcome_archived_check_required'),
    status: rpc(as.ann, 'command_status', status, 'outcome_found'),
    timeline: rpc(as.ann, 'query_timeline', { p_scope: home, p_after_seq: 700 }, 'timeline'),
    'first page': rpc(as.ann, 'query_timeline', { p_scope: home }, 'timeline'),
    dialogs: rpc(as.ann, 'get_dialog_metadata', { p_scopes: `{${channel},${home}}` }, 'dialogs'),
    ack: rpc(as.ann, 'ack', to({ p_scope: home, p_delivered_seq: 1200, p_read_seq: 1200 }), 'receipt_stored'),
    'report missing': rpc(as.ann, 'report_missing', to(range), 'resync_offered'),
    invite: rpc(as.ann, 'invite', to({ p_scope: home, p_user: users.dan }), 'invite_issued'),
    remove: rpc(as.ann, 'change_membership', to(remove), 'removed'),
    'direct message': rpc(as.ann, 'create_or_get_dm', to({ p_other_user: users.bob }), 'dm_created'),
    'create scope': rpc(as.ann, 'create_scope', to(fresh), 'scope_created'),
    'expire invites': rpc(as.service, 'expire_invites', to(batch), 'invites_expired'),
    'purge events': rpc(as.service, 'purge_retention', to({ p_scope: home, ...batch }), 'purging'),
    'archive outcomes': rpc(as.service, 'archive_outcomes', to(batch), 'outcomes_archived'),
    'purge rates': rpc(as.service, 'purge_rate_limits', to(batch), 'rate_limits_purged'),
    migrate: rpc(as.service, 'migration_step', to(rehash), 'migration_started'),
    rebuild: rpc(as.service, 'rebuild_projection', to({ p_scope: home }), 'projection_rebuilt'),
    approve: rpc(operator(users.cat), 'approve_maintenance', mode('maintenance_full'), 'maintenance_approved'),
    freeze: rpc(as.service, 'set_maintenance', mode('write_freeze'), 'maintenance_set'),
    'read a scope': read(as.ann, `SELECT scope_type FROM public.core_scopes WHERE id = ${literal(home)}`, 'group'),
    'read invitations': read(as.cat, 'SELECT status FROM public.core_invites', 'pending'),
    'read outcomes': read(as.bob, 'SELECT min(command_type) FROM public.core_outcomes', 'accept_invite'),
  };
}

/** What is looked up, by which call, in which table, and the index that is there for it. */
const intended = [
  ['a hot outcome by its identity', 'replay', 'outcomes_hot', 'core_outcomes_identity'],
  ['an archived outcome by its identity', 'archived replay', 'outcomes_archive', 'core_outcomes_identity'],
  ['a page of the timeline', 'timeline', 'core_events', 'core_events_scope_seq'],
  ['where the timeline begins', 'first page', 'core_events', 'core_events_retention'],
  ['the calls of the last minute', 'append', 'core_rate_limits', 'core_rate_limits_window'],
  ['what is unread', 'dialogs', 'core_events', 'core_events_unread'],
  ['what is unread after a receipt', 'ack', 'core_events', 'core_events_unread'],
  ['whether somebody has joined', 'read a scope', 'core_members', 'core_members_joined'],
  ['a pending invitation', 'invite', 'core_invites', 'core_invites_one_pending'],
  ['the policy that an invitation names', 'invite', 'core_policies', 'core_policies_hash_of_version'],
  ['invitations whose time is over', 'expire invites', 'core_invites', 'core_invites_expiring'],
  ['events whose days are over', 'purge events', 'core_events', 'core_events_retention'],
  ['the direct message of a pair', 'direct message', 'core_scopes', 'core_scopes_one_dm_per_pair'],
  ['work in progress on a scope', 'purge events', 'core_migrations', 'core_migrations_one_in_progress'],
  ['work that is done', 'migrate', 'core_migrations', 'core_migrations_of_scope'],
  ['approvals', 'approve', 'core_admin_actions', 'core_admin_actions_of_scope'],
  ['changes of the last hour', 'freeze', 'core_admin_actions', 'core_admin_actions_of_scope'],
  ['outcomes due for the archive', 'archive outcomes', 'outcomes_hot', 'outcomes_hot_age'],
  ['one’s own invitations', 'read invitations', 'core_invites', 'core_invites_of_user'],
  ['one’s own outcomes', 'read outcomes', 'outcomes_hot', 'core_outcomes_of_actor'],
] as const;

/** Tables of a few rows by nature, and the limiter’s purge, which reads from the start of the table until its batch is full. */
const fromEndToEnd = ['breakers', 'settings', 'pg_inherits'];

async function explained(name: string, mode: PlanCacheMode, first?: string): Promise<readonly Plan[]> {
  const { probe, answer } = calls[name] ?? expect.fail(`no call is named ${name}`);
  const { observation, plans } = await explain(scene.owner, probe, mode, first);
  expect(answerOf(observation), name).toBe(answer);
  return plans;
}

function answerOf({ error, rows }: Observation): unknown {
  const said = rows[0]?.[0] ?? error?.message ?? '';
  return said.startsWith('{') ? (JSON.parse(said) as Reply).code : said;
}

const scansOf = (plans: readonly Plan[]) => plans.flatMap(({ scans }) => scans);

describe.each(['force_custom_plan', 'force_generic_plan'] as const)('with %s', (mode) => {
  it.each(intended)('%s: %s reads %s by %s, and otherwise where that is dropped', async (_, name, table, index) => {
    expect(scansOf(await explained(name, mode))).toContainEqual(expect.objectContaining({ table, index }));
    const without = scansOf(await explained(name, mode, await dropOf(index)));
    expect(without.length).toBeGreaterThan(0);
    expect(without).not.toContainEqual(expect.objectContaining({ table, index }));
  });

  it('no call reads a table from end to end that can grow, but the purge of rates', async () => {
    const whole: Record<string, readonly string[]> = {};
    for (const name of Object.keys(calls)) {
      const scans = scansOf(await explained(name, mode)).filter(({ index }) => index === null);
      const grown = scans.map(({ table }) => table).filter((table) => !fromEndToEnd.includes(table));
      if (grown.length > 0) whole[name] = grown;
    }
    expect(whole).toEqual({ 'purge rates': ['core_rate_limits'] });
  });

  it('a first page reads none of the events that are older than it goes back', async () => {
    const reads = scansOf(await explained('first page', mode)).filter(({ table }) => table === 'core_events');
    expect(reads.map(({ index }) => index)).toContain('core_events_scope_seq');
    expect(reads.map(({ discarded }) => discarded)).toEqual(reads.map(() => 0));
  });

  it('an identity is looked up in one partition at a time', async () => {
    const looks = (await explained('archived replay', mode)).filter(({ scans }) =>
      scans.some(({ index }) => index === 'core_outcomes_identity'),
    );
    expect(looks.map(({ scans }) => scans.map(({ table }) => table))).toEqual([['outcomes_hot'], ['outcomes_archive']]);
  });
});

it('each index of the core but primary keys is there for a statement that uses it', async () => {
  const { rows } = await scene.owner.query(
    `SELECT index.relname AS name
     FROM pg_index AS described
     JOIN pg_class AS index ON index.oid = described.indexrelid
     WHERE described.indrelid::regclass::text ~ '^(public\\.)?core[_.]'
     AND NOT index.relispartition
     AND (NOT described.indisprimary OR index.relname = 'core_events_scope_seq')`,
  );
  expect(rows.map(({ name }) => name).toSorted()).toEqual(
    [...new Set(intended.map(([, , , index]) => index))].toSorted(),
  );
});

/** The statement that takes an index away, with the constraint that it is part of. */
async function dropOf(name: string): Promise<string> {
  const { rows } = await scene.owner.query(
    `SELECT CASE WHEN held.oid IS NULL THEN format('DROP INDEX %s', index.oid::regclass)
       ELSE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', held.conrelid::regclass, held.conname) END AS sql
     FROM pg_class AS index
     LEFT JOIN pg_constraint AS held ON held.conindid = index.oid AND held.contype IN ('p', 'u')
     WHERE index.relname = $1`,
    [name],
  );
  return String(rows[0]?.['sql']);
}
