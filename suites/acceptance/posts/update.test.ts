/** The insert rule binds updates: what an association joins, and who shared it, stays. */

import { describe, expect, it } from 'vitest';
import {
  as,
  associations,
  collectives,
  log,
  outcome,
  place,
  posts,
  publicPost,
  scenes,
  seat,
  unchanged,
  users,
} from './scene.ts';
import { insertOf, updateOf } from './statements.ts';

const openScene = scenes();
const pair = { post: posts.author, collective: collectives.open };
const moves = [
  ['another post of one’s own', { post_id: publicPost }],
  ['another’s post', { post_id: posts.editor }],
  ['another collective of one’s own', { collective_id: collectives.strict }],
  ['a collective afar', { collective_id: collectives.far }],
  ['another sharer', { shared_by: users.editor }],
  ['another key', { id: posts.owner }],
  ['another time', { shared_at: '2020-01-01', created_at: '2020-01-01' }],
] as const;

describe('updates of an association', () => {
  it.each(moves)('T-POST-08 nobody moves one to %s', async (_, set) => {
    await using scene = await openScene();
    await place(scene, pair);
    await unchanged(scene, async () => {
      for (const persona of [as.author, as.owner, as.admin, as.service])
        expect(await outcome(scene, persona, updateOf(pair, set)), persona.name).toBe('42501');
    });
  });

  it.each(moves)(
    'T-POST-08 not even the owner of the schema moves one to %s: the rows of the log name it',
    async (_, set) => {
      await using scene = await openScene();
      await place(scene, pair);
      await unchanged(scene, async () => {
        const { error } = await scene.owner.observe(updateOf(pair, set));
        expect(error?.sqlstate).toBe('42501');
      });
    },
  );

  it('T-POST-08 an insert that finds the pair there moves nothing either', async () => {
    await using scene = await openScene();
    await place(scene, pair);
    const row = { post_id: pair.post, collective_id: pair.collective, shared_by: users.author };
    await unchanged(scene, async () => {
      const upsert = `${insertOf(row)} ON CONFLICT (post_id, collective_id) DO UPDATE SET`;
      expect(await outcome(scene, as.author, `${upsert} collective_id = '${collectives.strict}'`)).toBe('42501');
      expect(await outcome(scene, as.author, insertOf(row))).toBe('23505');
    });
    expect(
      await outcome(
        scene,
        as.author,
        `${insertOf(row)} ON CONFLICT (post_id, collective_id) DO UPDATE SET display_order = 3`,
      ),
    ).toBe(1);
    expect(await associations(scene)).toMatchObject([
      { post_id: pair.post, collective_id: pair.collective, display_order: 3 },
    ]);
  });

  it('T-POST-09 a sharer changes their own only while they hold a posting role', async () => {
    await using scene = await openScene();
    await place(scene, pair);
    for (const [role, count] of [
      ['editor', 1],
      ['member', 0],
      ['author', 1],
      [null, 0],
    ] as const) {
      await seat(scene, collectives.open, 'author', role);
      expect(await outcome(scene, as.author, updateOf(pair, { display_order: 7 })), String(role)).toBe(count);
    }
    expect(await log(scene)).toHaveLength(3);
  });

  it('T-POST-09 a demoted admin changes nothing of others', async () => {
    await using scene = await openScene();
    await place(scene, pair);
    expect(await outcome(scene, as.admin, updateOf(pair, { status: 'rejected' }))).toBe(1);
    await seat(scene, collectives.open, 'admin', 'editor');
    await unchanged(scene, async () => {
      expect(await outcome(scene, as.admin, updateOf(pair, { status: 'published' }))).toBe(0);
    });
  });

  it('T-POST-09 an update is stamped by the server, and metadata and order are free', async () => {
    await using scene = await openScene();
    await place(scene, pair);
    const [before] = await associations(scene);
    expect(await outcome(scene, as.author, updateOf(pair, { metadata: { note: 'x' }, display_order: -4 }))).toBe(1);
    const [after] = await associations(scene);
    expect(after).toEqual({ ...before, metadata: { note: 'x' }, display_order: -4, updated_at: after?.['updated_at'] });
    expect(Date.parse(String(after?.['updated_at']))).toBeGreaterThan(Date.parse(String(before?.['updated_at'])));
    await unchanged(scene, async () => {
      expect(await outcome(scene, as.author, updateOf(pair, { updated_at: '2020-01-01' }))).toBe('42501');
      expect(await outcome(scene, as.author, updateOf(pair, { metadata: { note: 'x'.repeat(8192) } }))).toBe('23514');
      expect(await outcome(scene, as.author, updateOf(pair, { status: 'secret' }))).toBe('23514');
    });
  });
});
