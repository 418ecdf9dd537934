/** Approval: what an author shares into a collective that asks for it waits, and only owners and admins decide. */

import { describe, expect, it } from 'vitest';
import {
  as,
  associations,
  collectives,
  outcome,
  place,
  posts,
  type Scene,
  scenes,
  share,
  unchanged,
  users,
} from './scene.ts';
import { deleteOf, insertOf, updateOf } from './statements.ts';

const openScene = scenes();
const pending = 'pending_approval';
const states = ['draft', 'published', pending, 'rejected'] as const;
const strict = { post: posts.author, collective: collectives.strict };
const open = { post: posts.author, collective: collectives.open };

async function statusOf(scene: Scene): Promise<unknown> {
  return (await associations(scene))[0]?.['status'];
}

describe('approval', () => {
  it.each([
    ['author', 'strict', { published: pending, draft: 'draft', [pending]: pending, rejected: null }],
    ['author', 'open', { published: 'published', draft: 'draft', [pending]: pending, rejected: null }],
    ['editor', 'strict', { published: 'published', draft: 'draft', [pending]: pending, rejected: null }],
    ['admin', 'strict', { published: 'published', draft: 'draft', [pending]: pending, rejected: 'rejected' }],
  ] as const)('T-POST-10 an %s who inserts into %s gets %j', async (role, name, wanted) => {
    for (const status of states) {
      await using scene = await openScene();
      const row = { post_id: posts[role], collective_id: collectives[name], shared_by: users[role], status };
      const result = wanted[status];
      expect(await outcome(scene, as[role], insertOf(row)), status).toBe(result === null ? '42501' : 1);
      expect(await associations(scene)).toMatchObject(result === null ? [] : [{ status: result }]);
    }
  });

  it('T-POST-10 by default and through the call it is the same', async () => {
    await using scene = await openScene();
    const row = { post_id: posts.author, collective_id: collectives.strict, shared_by: users.author };
    expect(await outcome(scene, as.author, insertOf(row))).toBe(1);
    expect(await statusOf(scene)).toBe(pending);
    for (const [status, result] of [
      ['published', pending],
      ['draft', 'draft'],
    ] as const) {
      await scene.owner.script('DELETE FROM public.post_collectives');
      const reply = await share(scene, as.author, posts.author, [collectives.strict], { status });
      expect(reply).toMatchObject({ ok: true, associations: [{ status: result }] });
      expect(await statusOf(scene)).toBe(result);
    }
  });

  /** What an author's own update of the status comes to, by what it was: null is refused. */
  const moves = {
    strict: {
      draft: { draft: 'draft', published: pending, [pending]: pending, rejected: null },
      published: { draft: 'draft', published: pending, [pending]: pending, rejected: null },
      [pending]: { draft: null, published: null, [pending]: pending, rejected: null },
      rejected: { draft: null, published: null, [pending]: pending, rejected: pending },
    },
    open: {
      draft: { draft: 'draft', published: 'published', [pending]: pending, rejected: null },
      published: { draft: 'draft', published: 'published', [pending]: pending, rejected: null },
      [pending]: { draft: null, published: null, [pending]: pending, rejected: null },
      rejected: { draft: null, published: null, [pending]: pending, rejected: 'rejected' },
    },
  } as const;

  it.each(['strict', 'open'] as const)(
    'T-POST-11 an author’s update in %s never approves what is pending or rejected',
    async (name) => {
      await using scene = await openScene();
      const pair = { post: posts.author, collective: collectives[name] };
      for (const before of states) {
        for (const status of states) {
          await scene.owner.script('DELETE FROM public.post_collectives');
          await place(scene, pair, { status: before });
          const result = moves[name][before][status];
          const said = await outcome(scene, as.author, updateOf(pair, { status }));
          expect(said, `${before} to ${status}`).toBe(result === null ? '42501' : 1);
          expect(await statusOf(scene), `${before} to ${status}`).toBe(result ?? before);
        }
      }
    },
  );

  it('T-POST-11 what an author edits after it was published or rejected waits again', async () => {
    for (const status of ['published', 'rejected']) {
      await using scene = await openScene();
      await place(scene, strict, { status });
      expect(await outcome(scene, as.author, updateOf(strict, { metadata: { note: 'new' } }))).toBe(1);
      expect(await statusOf(scene)).toBe(pending);
    }
  });

  it.each([pending, 'rejected'] as const)(
    'T-POST-11 an author who takes back what is %s where approval is asked, and shares it again, waits again',
    async (status) => {
      await using scene = await openScene();
      const row = { post_id: strict.post, collective_id: strict.collective, shared_by: users.author };
      const again = [
        () => outcome(scene, as.author, insertOf(row)),
        () => outcome(scene, as.author, insertOf({ ...row, status: 'published' })),
        () => share(scene, as.author, strict.post, [strict.collective], { status: 'published' }),
      ];
      for (const shared of again) {
        await scene.owner.script('DELETE FROM public.post_collectives');
        await place(scene, strict, { status });
        expect(await outcome(scene, as.author, deleteOf(strict))).toBe(1);
        await shared();
        expect(await associations(scene)).toMatchObject([{ status: pending }]);
      }
    },
  );

  it.each(['owner', 'admin'] as const)(
    'T-POST-11 an %s publishes, rejects and takes back, in any order',
    async (role) => {
      await using scene = await openScene();
      await place(scene, strict, { status: pending });
      for (const status of ['published', 'rejected', 'published', 'draft', 'rejected', pending, 'rejected', 'draft']) {
        expect(await outcome(scene, as[role], updateOf(strict, { status })), status).toBe(1);
        expect(await statusOf(scene)).toBe(status);
      }
    },
  );

  it('T-POST-11 an editor decides about nothing of others, and not against a rejection of their own', async () => {
    await using scene = await openScene();
    await place(scene, open, { status: pending });
    const own = { post: posts.editor, collective: collectives.open };
    await place(scene, own, { status: 'rejected' });
    await unchanged(scene, async () => {
      expect(await outcome(scene, as.editor, updateOf(open, { status: 'published' }))).toBe(0);
      for (const status of ['published', 'draft'])
        expect(await outcome(scene, as.editor, updateOf(own, { status }))).toBe('42501');
    });
  });
});
