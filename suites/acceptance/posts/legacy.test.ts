/** migrate_legacy_post_collectives: what posts knew before becomes associations, once. */

import { describe, expect, it } from 'vitest';
import { during } from '../../../fixtures/act/during.ts';
import { race } from '../../../fixtures/act/gate.ts';
import { literal, qualified } from '../../../fixtures/wire/escape.ts';
import {
  as,
  associations,
  call,
  collectives,
  log,
  missing,
  outcome,
  place,
  posts,
  rowsOf,
  type Scene,
  scenes,
  unchanged,
  users,
} from './scene.ts';
import { callOf, deleteOf, insertOf } from './statements.ts';

const openScene = scenes();
const migrate = (scene: Scene) => call(scene, as.service, 'migrate_legacy_post_collectives', {});

/** The posts of author, editor and member belong to `open`, the outsider's to a collective that is gone. */
async function legacy(scene: Scene): Promise<void> {
  const of = (collective: string, ids: readonly string[]) =>
    `UPDATE public.posts SET collective_id = ${literal(collective)} WHERE id IN (${ids.map(literal).join(', ')})`;
  await scene.owner.script(
    `${of(collectives.open, [posts.author, posts.editor, posts.member])}; ${of(missing, [posts.outsider])}`,
  );
}

describe('migrate_legacy_post_collectives', () => {
  it('T-POST-29 makes one association of each post whose collective is there, in its author’s name', async () => {
    await using scene = await openScene();
    await legacy(scene);
    expect(await migrate(scene)).toEqual([3]);
    const made = [posts.author, posts.editor, posts.member].map((post_id) => ({
      post_id,
      collective_id: collectives.open,
      status: 'published',
    }));
    expect(await associations(scene)).toHaveLength(3);
    expect(await associations(scene)).toEqual(expect.arrayContaining(made.map((row) => expect.objectContaining(row))));
    for (const row of await associations(scene))
      expect(row['shared_by']).toBe(
        users[row['post_id'] === posts.author ? 'author' : row['post_id'] === posts.editor ? 'editor' : 'member'],
      );
    const entry = { action: 'shared', performed_by: null, metadata: { actor: 'service_role' } };
    expect(await log(scene)).toMatchObject([entry, entry, entry]);
  });

  it('T-POST-29 makes nothing the second time, nor what is there already', async () => {
    await using scene = await openScene();
    await legacy(scene);
    await place(scene, { post: posts.author, collective: collectives.open }, { status: 'draft' });
    expect(await migrate(scene)).toEqual([2]);
    await unchanged(scene, async () => expect(await migrate(scene)).toEqual([0]));
  });

  it('T-POST-29 an association with another collective stands in nobody’s way', async () => {
    await using scene = await openScene();
    await legacy(scene);
    await place(scene, { post: posts.author, collective: collectives.far });
    await place(scene, { post: posts.owner, collective: collectives.open });
    expect(await migrate(scene)).toEqual([3]);
    expect(await associations(scene)).toHaveLength(5);
  });

  it('T-POST-29 does not bring back what somebody took away since', async () => {
    await using scene = await openScene();
    await legacy(scene);
    await migrate(scene);
    expect(await outcome(scene, as.author, deleteOf({ post: posts.author, collective: collectives.open }))).toBe(1);
    await unchanged(scene, async () => expect(await migrate(scene)).toEqual([0]));
    expect(await associations(scene)).toHaveLength(2);
  });

  it('T-POST-29 a refusal that was logged before stands in nobody’s way', async () => {
    await using scene = await openScene();
    await legacy(scene);
    await scene.owner.query(
      "INSERT INTO public.post_collective_audit_log (post_id, collective_id, action) VALUES ($1, $2, 'denied')",
      [posts.author, collectives.open],
    );
    expect(await migrate(scene)).toEqual([3]);
  });

  it('T-POST-30 eight runs at once make each association once', async () => {
    await using scene = await openScene();
    await legacy(scene);
    const probe = { persona: as.service, sql: callOf('migrate_legacy_post_collectives', {}) };
    const seen = await race(scene.db, { lock: qualified('public', 'post_collectives'), probes: Array(8).fill(probe) });
    const counts = seen.map(rowsOf) as number[][];
    expect(counts.flat().reduce((sum, made) => sum + made, 0)).toBe(3);
    expect(await associations(scene)).toHaveLength(3);
    expect(await log(scene)).toHaveLength(3);
  });

  it('T-POST-30 a run that waits for another brings back nothing that was taken away meanwhile', async () => {
    await using scene = await openScene();
    await legacy(scene);
    const pair = { post: posts.member, collective: collectives.open };
    const meanwhile = `${callOf('migrate_legacy_post_collectives', {})}; ${deleteOf(pair)}`;
    const probe = { persona: as.service, sql: callOf('migrate_legacy_post_collectives', {}) };
    expect(rowsOf(await during(scene, meanwhile, probe))).toEqual([0]);
    expect(await associations(scene)).toHaveLength(2);
    expect((await log(scene)).map(({ action }) => action)).toEqual(['shared', 'shared', 'shared', 'deleted']);
  });

  it('T-POST-30 what somebody shares meanwhile is waited for, and stays as they made it', async () => {
    await using scene = await openScene();
    await legacy(scene);
    const row = { post_id: posts.member, collective_id: collectives.open, shared_by: users.member, status: 'draft' };
    const probe = { persona: as.service, sql: callOf('migrate_legacy_post_collectives', {}) };
    expect(rowsOf(await during(scene, insertOf(row), probe))).toEqual([2]);
    expect(await associations(scene)).toEqual(expect.arrayContaining([expect.objectContaining(row)]));
    expect(await log(scene)).toHaveLength(3);
  });

  it.each([
    ['post', `DELETE FROM public.posts WHERE id = ${literal(posts.editor)}`, 2],
    ['collective', `DELETE FROM public.collectives WHERE id = ${literal(collectives.open)}`, 0],
  ] as const)('T-POST-30 a %s that goes meanwhile is waited for, and left out', async (_, going, made) => {
    await using scene = await openScene();
    await legacy(scene);
    const probe = { persona: as.service, sql: callOf('migrate_legacy_post_collectives', {}) };
    expect(rowsOf(await during(scene, going, probe))).toEqual([made]);
    expect(await associations(scene)).toHaveLength(made);
    expect(await log(scene)).toHaveLength(made);
  });
});
