/** Which indexes the calls and the usual reads go by, at a size at which a scan of a table would be felt. */

import { describe, expect, it } from 'vitest';
import { literal } from '../../../fixtures/wire/escape.ts';
import { vacuumAll } from '../../vacuumed.ts';
import { as, collectives, type Scene, scenes, users } from './scene.ts';

const openScene = scenes();

/** 40 collectives, 2,000 posts in ten of them each, every hundredth the editor's, and an entry of each; triggers aside. */
const CROWD = `
  BEGIN;
  SET LOCAL session_replication_role = replica;
  INSERT INTO public.collectives (name, slug, owner_id) SELECT n, 'c' || n, ${literal(users.owner)} FROM generate_series(1, 40) AS n;
  INSERT INTO public.collective_members SELECT id, ${literal(users.author)}, 'author' FROM public.collectives WHERE slug ~ '^c\\d';
  INSERT INTO public.posts (author_id, title)
  SELECT CASE WHEN n % 100 = 0 THEN ${literal(users.editor)} ELSE ${literal(users.author)} END::uuid, n FROM generate_series(1, 2000) AS n;
  INSERT INTO public.post_collectives (post_id, collective_id, shared_by, shared_at)
  SELECT p.id, c.id, p.author_id, now() - p.title::int * interval '1 minute'
  FROM public.posts AS p JOIN public.collectives AS c ON c.slug ~ '^c\\d' AND c.name::int % 4 = p.title::int % 4 WHERE p.title ~ '^\\d+$';
  INSERT INTO public.post_collective_audit_log (post_id, collective_id, action, performed_by, new_values)
  SELECT post_id, collective_id, 'shared', shared_by, '{}' FROM public.post_collectives;
  COMMIT`;

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Node[];
}

/** Every node of the plan of a statement as the author runs it, or as the owner of the functions does. */
async function planOf(scene: Scene, sql: string, by: 'author' | 'owner'): Promise<readonly Node[]> {
  const settings = [{ name: 'role', value: 'authenticated' }, ...as.author.settings];
  const become = settings.map(({ name, value }) => `set_config(${literal(name)}, ${literal(value)}, true)`);
  const replies = await scene.owner.script(
    `BEGIN; ${by === 'author' ? `SELECT ${become.join(', ')};` : ''} EXPLAIN (FORMAT JSON) ${sql}; ROLLBACK`,
  );
  const told = replies.find(({ command }) => command === 'EXPLAIN')?.rows[0]?.['QUERY PLAN'] as { Plan: Node }[];
  return told.flatMap(({ Plan }) => within(Plan));
}

function within(node: Node): readonly Node[] {
  return [node, ...(node.Plans ?? []).flatMap(within)];
}

/** The body of a function as it stands, its arguments filled in. */
async function bodyOf(scene: Scene, routine: string, args: Readonly<Record<string, string>>): Promise<string> {
  const { rows } = await scene.owner.query('SELECT prosrc FROM pg_proc WHERE oid = to_regproc($1)', [routine]);
  return Object.entries(args).reduce(
    (body, [name, value]) => body.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), () => value),
    String(rows[0]?.['prosrc']),
  );
}

describe('plans', () => {
  it('T-POST-35 calls and reads go by their indexes, and scan neither table', async () => {
    await using scene = await openScene();
    await scene.owner.script(CROWD);
    await vacuumAll(scene.owner);
    const { rows } = await scene.owner.query(
      'SELECT post_id, collective_id FROM public.post_collectives WHERE collective_id <> $1 LIMIT 1',
      [collectives.open],
    );
    const post = `${literal(String(rows[0]?.['post_id']))}::uuid`;
    const collective = `${literal(String(rows[0]?.['collective_id']))}::uuid`;
    const from = 'SELECT * FROM public.post_collectives WHERE';
    const plans = [
      [
        'author',
        await bodyOf(scene, 'public.get_post_audit_log', { p_post: post, p_limit: '50' }),
        /audit_log_(post|pair)_idx$/,
      ],
      [
        'author',
        await bodyOf(scene, 'public.get_post_collective_count', { p_post: post }),
        /_(post_idx|order_idx|once)$/,
      ],
      ['owner', await bodyOf(scene, 'posting.next_moment', { p_post: post, p_collective: collective }), /_pair_idx$/],
      ['owner', await bodyOf(scene, 'posting.locked_seat', { p_collective: collective }), /_one_seat$|_member_idx$/],
      [
        'author',
        `${from} collective_id = ${collective} AND status = 'published' ORDER BY shared_at DESC LIMIT 20`,
        /_published_idx$/,
      ],
      [
        'author',
        `${from} shared_by = ${literal(users.editor)} ORDER BY shared_at DESC LIMIT 20`,
        /_sharer_recent_idx$/,
      ],
      ['author', `${from} post_id = ${post} ORDER BY display_order`, /_(order_idx|post_idx|once)$/],
    ] as const;
    for (const [by, sql, index] of plans) {
      const nodes = await planOf(scene, sql, by);
      expect(
        nodes.flatMap((node) => node['Index Name'] ?? []),
        sql,
      ).toContainEqual(expect.stringMatching(index));
      const scanned = nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']);
      expect(
        scanned.filter((name) => name?.startsWith('post_')),
        sql,
      ).toEqual([]);
    }
  });
});
