/** What is not there and what a stranger may not see look the same, by every call and every statement. */

import { describe, expect, it } from 'vitest';
import { as, call, collectives, missing, place, posts, publicPost, run, scenes, unchanged, users } from './scene.ts';

const openScene = scenes();

describe('no oracle', () => {
  it('T-POST-14 what is not there and what a stranger may not see answer alike, in every function', async () => {
    await using scene = await openScene();
    await place(scene, { post: posts.author, collective: collectives.open });
    await place(scene, { post: publicPost, collective: collectives.open }, { status: 'draft' });
    const asked = [
      ['can_user_post_to_collective', (id: string) => ({ p_user: users.outsider, p_collective: id }), collectives.open],
      ['validate_collective_permissions', (id: string) => ({ p_collectives: [id] }), collectives.open],
      ['get_post_collective_count', (id: string) => ({ p_post: id }), posts.author],
      ['get_post_collective_count', (id: string) => ({ p_post: id }), publicPost],
      ['get_post_audit_log', (id: string) => ({ p_post: id }), posts.author],
      [
        'create_post_collective_associations',
        (id: string) => ({ p_post: id, p_collectives: [collectives.far] }),
        posts.author,
      ],
      [
        'create_post_collective_associations',
        (id: string) => ({ p_post: posts.outsider, p_collectives: [id] }),
        collectives.open,
      ],
    ] as const;
    for (const [routine, args, there] of asked) {
      const known = JSON.stringify(await call(scene, as.outsider, routine, args(there)));
      const unknown = JSON.stringify(await call(scene, as.outsider, routine, args(missing)));
      expect(known.replaceAll(there, missing), routine).toBe(unknown);
    }
  });

  it('T-POST-14 a stranger’s direct insert is refused in the same words, before keys are looked at', async () => {
    await using scene = await openScene();
    await place(scene, { post: posts.author, collective: collectives.open });
    const insert = (post: string, collective: string) =>
      `INSERT INTO public.post_collectives (post_id, collective_id, shared_by) VALUES ('${post}', '${collective}', '${users.outsider}')`;
    const words = async (post: string, collective: string) =>
      (await run(scene, as.outsider, insert(post, collective))).error;
    expect(await words(posts.outsider, collectives.open)).toEqual(await words(posts.outsider, missing));
    expect(await words(posts.author, collectives.far)).toEqual(await words(missing, collectives.far));
    expect(await words(posts.author, collectives.open)).toMatchObject({ sqlstate: '42501', detail: null, hint: null });
  });

  it('T-POST-14 no statement of a stranger tells whether a post is shared there', async () => {
    await using scene = await openScene();
    await place(scene, { post: posts.author, collective: collectives.open });
    const [there, not] = [collectives.open, collectives.strict];
    const insert = (collective: string) =>
      `INSERT INTO public.post_collectives (post_id, collective_id, shared_by) VALUES ('${posts.author}', '${collective}', '${users.outsider}')`;
    const pair = (collective: string) => `post_id = '${posts.author}' AND collective_id = '${collective}'`;
    const statements = [
      (id: string) => `${insert(id)} ON CONFLICT DO NOTHING`,
      (id: string) => `${insert(id)} ON CONFLICT (post_id, collective_id) DO UPDATE SET display_order = 1`,
      (id: string) => `UPDATE public.post_collectives SET display_order = display_order / 0 WHERE ${pair(id)}`,
      (id: string) => `DELETE FROM public.post_collectives WHERE ${pair(id)} AND display_order / 0 = 1`,
      (id: string) => `SELECT display_order / 0 FROM public.post_collectives WHERE ${pair(id)} FOR UPDATE`,
      (id: string) => `SELECT count(*) FROM public.post_collective_audit_log WHERE ${pair(id)}`,
    ];
    await unchanged(scene, async () => {
      for (const sql of statements) {
        const [known, unknown] = [await run(scene, as.outsider, sql(there)), await run(scene, as.outsider, sql(not))];
        expect([known.error, known.count, known.rows], sql(there)).toEqual([
          unknown.error,
          unknown.count,
          unknown.rows,
        ]);
      }
    });
  });
});
