/** What a client may send and no form would: lists of lists, and NULL in every column. */

import { describe, expect, it } from 'vitest';
import { as, associations, collectives, outcome, posts, replyOf, run, scenes, unchanged, users } from './scene.ts';
import { insertOf, updateOf } from './statements.ts';

const openScene = scenes();

describe('odd inputs', () => {
  it('T-POST-19 a list of lists names each of its collectives once', async () => {
    await using scene = await openScene();
    const [one, two] = [collectives.strict, collectives.open];
    const lists = `ARRAY[ARRAY['${one}', '${two}'], ARRAY['${two}', '${one}']]::uuid[]`;
    for (const code of ['shared', 'already_shared']) {
      const sql = `SELECT to_jsonb(public.create_post_collective_associations('${posts.author}', ${lists}))`;
      const reply = replyOf(await run(scene, as.author, sql));
      expect(reply).toMatchObject({ ok: true, code, associations: [{ collective_id: one }, { collective_id: two }] });
    }
    const asked = await run(
      scene,
      as.author,
      `SELECT collective_id FROM public.validate_collective_permissions(${lists})`,
    );
    expect(asked.rows).toEqual([[one], [two]]);
    expect(await associations(scene)).toHaveLength(2);
  });

  it('T-POST-18 NULL is refused in every column, and changes nothing', async () => {
    await using scene = await openScene();
    const row = { post_id: posts.author, collective_id: collectives.open, shared_by: users.author, status: 'draft' };
    const whole = { ...row, metadata: {}, display_order: 0 };
    for (const column of Object.keys(whole)) {
      const said = await outcome(scene, as.author, insertOf({ ...whole, [column]: null }));
      expect(said, column).toBe(['metadata', 'display_order'].includes(column) ? '23502' : '42501');
    }
    expect(await associations(scene)).toEqual([]);
    expect(await outcome(scene, as.author, insertOf(whole))).toBe(1);
    await unchanged(scene, async () => {
      const pair = { post: posts.author, collective: collectives.open };
      for (const column of ['status', 'metadata', 'display_order'])
        expect(await outcome(scene, as.author, updateOf(pair, { [column]: null })), column).toMatch(/^(42501|23502)$/);
      expect(await outcome(scene, as.service, updateOf(pair, { status: null }))).toBe('23502');
    });
  });
});
