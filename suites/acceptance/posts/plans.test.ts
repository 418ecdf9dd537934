/** Which indexes the calls and the usual reads go by: the server's own plans, at a size at which a scan of a table would be felt. */

import { beforeAll, describe, expect, it } from 'vitest';
import type { Persona } from '../../../fixtures/model/persona.ts';
import type { Probe } from '../../../fixtures/model/probe.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import { fileLab } from '../../file-lab.ts';
import { explain, explainAll, type PlanCacheMode, type ScanOfTable } from '../../plans.ts';
import { vacuumAll } from '../../vacuumed.ts';
import { as, collectives, openScene, posts, type Scene, shareProbe, users } from './scene.ts';
import { type Arguments, callOf, updateOf } from './statements.ts';

const lab = fileLab();
let scene: Scene;
let calls: Readonly<Record<string, Probe>>;

/** 40 collectives, 2,000 posts in ten of them each, every hundredth the editor's, some waiting, and an entry of each; triggers aside. */
const CROWD = `
  BEGIN;
  SET LOCAL session_replication_role = replica;
  INSERT INTO auth.users (id) SELECT gen_random_uuid() FROM generate_series(1, 500);
  INSERT INTO public.collectives (name, slug, owner_id) SELECT n, 'c' || n, ${literal(users.owner)} FROM generate_series(1, 40) AS n;
  INSERT INTO public.collective_members SELECT id, ${literal(users.author)}, 'author' FROM public.collectives WHERE slug ~ '^c\\d';
  INSERT INTO public.collective_members SELECT c.id, u.id FROM public.collectives AS c CROSS JOIN auth.users AS u WHERE u.email IS NULL;
  INSERT INTO public.posts (author_id, title)
  SELECT CASE WHEN n % 100 = 0 THEN ${literal(users.editor)} ELSE ${literal(users.author)} END::uuid, n FROM generate_series(1, 2000) AS n;
  INSERT INTO public.post_collectives (post_id, collective_id, shared_by, shared_at, status, display_order)
  SELECT p.id, c.id, p.author_id, now() - p.title::int * interval '1 minute',
    CASE WHEN p.title::int % 400 = 0 THEN 'pending_approval' ELSE 'published' END, c.name::int
  FROM public.posts AS p JOIN public.collectives AS c ON c.slug ~ '^c\\d' AND c.name::int % 4 = p.title::int % 4 WHERE p.title ~ '^\\d+$';
  INSERT INTO public.post_collective_audit_log (post_id, collective_id, action, performed_by, new_values)
  SELECT post_id, collective_id, 'shared', shared_by, '{}' FROM public.post_collectives;
  COMMIT`;

beforeAll(async () => {
  scene = await openScene(lab);
  await scene.owner.script(CROWD);
  await vacuumAll(scene.owner);
  const { rows } = await scene.owner.query(
    `SELECT post_id, collective_id FROM public.post_collectives WHERE shared_by = $1 AND status = 'published' LIMIT 1`,
    [users.author],
  );
  calls = callsOn(String(rows[0]?.['post_id']), String(rows[0]?.['collective_id']));
  await explainAll(scene.owner);
});

function callsOn(post: string, collective: string): Readonly<Record<string, Probe>> {
  const rpc = (routine: string, args: Arguments): Probe => ({ persona: as.author, sql: callOf(routine, args) });
  const read = (rest: string, from = 'post_collectives', persona: Persona = as.author): Probe => ({
    persona,
    sql: `SELECT * FROM public.${from} ${rest}`,
  });
  const the = literal(collective);
  const newest = 'ORDER BY performed_at DESC LIMIT 20';
  return {
    'share into two': shareProbe(as.author, posts.author, [collectives.open, collectives.strict]),
    'what may be posted to': rpc('get_user_postable_collectives', { p_user: users.author }),
    'may it be posted there': rpc('can_user_post_to_collective', { p_user: users.author, p_collective: collective }),
    'are these allowed': rpc('validate_collective_permissions', { p_collectives: [collective, collectives.far] }),
    'how many': rpc('get_post_collective_count', { p_post: post }),
    'what happened to it': rpc('get_post_audit_log', { p_post: post, p_limit: 20 }),
    'change one': { persona: as.author, sql: updateOf({ post, collective }, { display_order: 3 }) },
    'in their order': read(`WHERE post_id = ${literal(post)} ORDER BY display_order LIMIT 5`),
    'published there': read(`WHERE collective_id = ${the} AND status = 'published' ORDER BY shared_at DESC LIMIT 20`),
    'whatever is there': read(`WHERE collective_id = ${the} AND status <> 'published'`),
    'shared last by one': read(`WHERE shared_by = ${literal(users.editor)} ORDER BY shared_at DESC LIMIT 20`),
    'shared last': read('ORDER BY shared_at DESC LIMIT 20'),
    'what waits': read("WHERE status = 'pending_approval'"),
    'what happened there': read(`WHERE collective_id = ${the} ${newest}`, 'post_collective_audit_log'),
    'what somebody did': read(`WHERE performed_by = ${literal(users.editor)} ${newest}`, 'post_collective_audit_log'),
  };
}

/** By which of its indexes a call reads a table; several where one's columns begin another. */
const intended: readonly (readonly [call: string, table: string, indexes: readonly string[]])[] = [
  ['share into two', 'collective_members', ['collective_members_one_seat', 'collective_members_member_idx']],
  ['share into two', 'post_collective_audit_log', ['post_collective_audit_log_pair_idx']],
  ['what may be posted to', 'collective_members', ['collective_members_member_idx']],
  ['may it be posted there', 'collective_members', ['collective_members_one_seat', 'collective_members_member_idx']],
  ['are these allowed', 'collective_members', ['collective_members_one_seat', 'collective_members_member_idx']],
  [
    'how many',
    'post_collectives',
    ['post_collectives_post_idx', 'post_collectives_order_idx', 'post_collectives_once'],
  ],
  ['what happened to it', 'post_collective_audit_log', ['post_collective_audit_log_post_idx']],
  ['change one', 'post_collectives', ['post_collectives_once']],
  ['in their order', 'post_collectives', ['post_collectives_order_idx']],
  ['published there', 'post_collectives', ['post_collectives_published_idx']],
  ['whatever is there', 'post_collectives', ['post_collectives_collective_idx']],
  ['shared last by one', 'post_collectives', ['post_collectives_sharer_recent_idx', 'post_collectives_sharer_idx']],
  ['shared last', 'post_collectives', ['post_collectives_shared_at_idx']],
  ['what waits', 'post_collectives', ['post_collectives_status_idx']],
  ['what happened there', 'post_collective_audit_log', ['post_collective_audit_log_collective_idx']],
  ['what somebody did', 'post_collective_audit_log', ['post_collective_audit_log_performer_idx']],
];

async function scansOf(name: string, mode: PlanCacheMode, first?: string): Promise<readonly ScanOfTable[]> {
  const { observation, plans } = await explain(scene.owner, calls[name] ?? expect.fail(name), mode, first);
  expect(observation.error, name).toBeNull();
  return plans.flatMap(({ scans }) => scans);
}

describe.each(['force_custom_plan', 'force_generic_plan'] as const)('with %s', (mode) => {
  it.each(intended)(
    'T-POST-35 %s: reads %s by %s, and otherwise where that is dropped',
    async (name, table, indexes) => {
      const by = (scans: readonly ScanOfTable[]) =>
        scans.filter((scan) => scan.table === table && scan.index !== null && indexes.includes(scan.index));
      expect(by(await scansOf(name, mode))).not.toEqual([]);
      const without = await scansOf(name, mode, (await dropsOf(indexes)).join('; '));
      expect(without.filter((scan) => scan.table === table)).not.toEqual([]);
      expect(by(without)).toEqual([]);
    },
  );

  it('T-POST-35 no call and no usual read goes through seats, associations or log from end to end', async () => {
    for (const name of Object.keys(calls)) {
      const whole = (await scansOf(name, mode)).filter(({ index }) => index === null).map(({ table }) => table);
      expect(
        whole.filter((table) => /^(post_|collective_members)/.test(table)),
        name,
      ).toEqual([]);
    }
  });
});

it('T-POST-35 each index of the two tables but the keys of their rows is there for one of these', async () => {
  const { rows } = await scene.owner.query(
    `SELECT indexrelid::regclass::text AS name FROM pg_index
     WHERE indrelid IN ('public.post_collectives'::regclass, 'public.post_collective_audit_log'::regclass) AND NOT indisprimary`,
  );
  const used = intended.flatMap(([, , indexes]) => indexes);
  expect(used).toEqual(expect.arrayContaining(rows.map(({ name }) => name)));
});

/** Statements that take indexes away, with the constraints that they are part of; of those that are not there, none. */
async function dropsOf(names: readonly string[]): Promise<readonly string[]> {
  const { rows } = await scene.owner.query(
    `SELECT CASE WHEN held.oid IS NULL THEN format('DROP INDEX %s', index.oid::regclass)
       ELSE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', held.conrelid::regclass, held.conname) END AS sql
     FROM pg_class AS index
     LEFT JOIN pg_constraint AS held ON held.conindid = index.oid AND held.contype IN ('p', 'u')
     WHERE index.relname = ANY ($1)`,
    [names],
  );
  return rows.map(({ sql }) => String(sql));
}
