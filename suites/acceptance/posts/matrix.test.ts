/** Who may do what: five roles, a non-member, the public key and the service; each verb; one's own post and another's. */

import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../fixtures/model/probe.ts';
import {
  as,
  collectives,
  outcomeOf,
  place,
  posts,
  publicPost,
  type Scene,
  scenes,
  table,
  users,
  watched,
} from './scene.ts';
import { deleteOf, insertOf, updateOf } from './statements.ts';

const openScene = scenes();
const refused = '42501';

/** By caller: what an insert and a delete come to, of one's own post and of another's, each into `open`. */
const matrix = {
  owner: { insert: [1, refused], update: [1, 1], delete: [1, 1], select: [1, 1] },
  admin: { insert: [1, refused], update: [1, 1], delete: [1, 1], select: [1, 1] },
  editor: { insert: [1, refused], update: [1, 0], delete: [1, 0], select: [1, 0] },
  author: { insert: [1, refused], update: [1, 0], delete: [1, 0], select: [1, 0] },
  member: { insert: [refused, refused], update: [0, 0], delete: [1, 0], select: [1, 0] },
  outsider: { insert: [refused, refused], update: [0, 0], delete: [1, 0], select: [1, 0] },
} as const;
const roles = Object.keys(matrix) as readonly (keyof typeof matrix)[];
const own = [true, false] as const;
const cells = roles.flatMap((role) => own.map((mine) => ({ role, mine, whose: mine ? 'their own' : "another's" })));

/** The post that a cell is about; another's is the author's, or for the author the editor's. */
function postOf(role: (typeof roles)[number], mine: boolean): string {
  if (mine) return posts[role];
  return role === 'author' ? posts.editor : posts.author;
}

/** Every caller's own post and the two others stand in `open` as drafts: what only those concerned may see. */
async function drafts(): Promise<Scene> {
  const scene = await openScene();
  for (const role of roles)
    await place(scene, { post: posts[role], collective: collectives.open }, { status: 'draft' });
  return scene;
}

function changesOf({ changes }: Observation): readonly string[] {
  return (changes ?? []).map(({ relation, before, after }) => {
    const verb = before === null ? 'insert' : after === null ? 'delete' : 'update';
    return `${verb} ${relation}`;
  });
}

/** One association and one entry of the log, or nothing at all. */
function expected(verb: string, result: number | string): readonly string[] {
  return result === 1 ? [`${verb} post_collectives`, 'insert post_collective_audit_log'] : [];
}

describe('the permission matrix of direct statements', () => {
  it('T-POST-06 an insert takes a posting role and a post of one’s own', async () => {
    await using scene = await openScene();
    const attempt = await watched(scene);
    for (const { role, mine, whose } of cells) {
      const result = matrix[role].insert[mine ? 0 : 1];
      const row = { post_id: postOf(role, mine), collective_id: collectives.open, shared_by: users[role] };
      const seen = await attempt(as[role], insertOf(row));
      expect(outcomeOf(seen), `${role} shares ${whose}`).toBe(result);
      expect(changesOf(seen), `${role} shares ${whose}`).toEqual(expected('insert', result));
    }
  });

  it('T-POST-06 nobody shares in the name of somebody else, whatever their role', async () => {
    await using scene = await openScene();
    const attempt = await watched(scene);
    for (const role of roles) {
      const other = role === 'author' ? users.editor : users.author;
      const row = { post_id: posts[role], collective_id: collectives.open, shared_by: other };
      const seen = await attempt(as[role], insertOf(row));
      expect([outcomeOf(seen), changesOf(seen)], role).toEqual([refused, []]);
    }
  });

  it('T-POST-06 an update takes a posting role for one’s own, an owner’s or admin’s for another’s', async () => {
    await using scene = await drafts();
    const attempt = await watched(scene);
    for (const { role, mine, whose } of cells) {
      const result = matrix[role].update[mine ? 0 : 1];
      const pair = { post: postOf(role, mine), collective: collectives.open };
      const seen = await attempt(as[role], updateOf(pair, { display_order: 7 }));
      expect(outcomeOf(seen), `${role} changes ${whose}`).toBe(result);
      expect(changesOf(seen), `${role} changes ${whose}`).toEqual(expected('update', result));
    }
  });

  it('T-POST-06 a delete is the sharer’s, the author’s and the collective’s owners’ and admins’', async () => {
    await using scene = await drafts();
    const attempt = await watched(scene);
    for (const { role, mine, whose } of cells) {
      const result = matrix[role].delete[mine ? 0 : 1];
      const seen = await attempt(as[role], deleteOf({ post: postOf(role, mine), collective: collectives.open }));
      expect(outcomeOf(seen), `${role} deletes ${whose}`).toBe(result);
      expect(changesOf(seen), `${role} deletes ${whose}`).toEqual(expected('delete', result));
    }
  });

  it('T-POST-06 sharer and author take back in a collective of which they are no members', async () => {
    await using scene = await openScene();
    await place(scene, { post: posts.author, collective: collectives.far }, { shared_by: users.editor });
    const attempt = await watched(scene);
    const back = deleteOf({ post: posts.author, collective: collectives.far });
    for (const [role, result] of [
      ['author', 1],
      ['editor', 1],
      ['outsider', 1],
      ['owner', 0],
      ['member', 0],
    ] as const) {
      const seen = await attempt(as[role], back);
      expect([outcomeOf(seen), changesOf(seen)], role).toEqual([result, expected('delete', result)]);
    }
  });

  it('T-POST-06 the public key writes nothing, and the log is written by nobody', async () => {
    await using scene = await drafts();
    const attempt = await watched(scene);
    const pair = { post: posts.author, collective: collectives.open };
    const row = { post_id: publicPost, collective_id: collectives.open, shared_by: users.author };
    for (const sql of [insertOf(row), updateOf(pair, { display_order: 7 }), deleteOf(pair)]) {
      const seen = await attempt(as.anon, sql);
      expect([outcomeOf(seen), changesOf(seen)], sql).toEqual([refused, []]);
    }
    expect(await table(scene, 'post_collectives')).toHaveLength(roles.length);
  });
});

describe('who sees an association', () => {
  const statuses = ['draft', 'published', 'pending_approval', 'rejected'] as const;
  const concerned = ['owner', 'admin', 'author'];

  it.each(statuses)('T-POST-07 of a private post, when it is %s', async (status) => {
    await using scene = await openScene();
    await place(scene, { post: posts.author, collective: collectives.open }, { status });
    const seers = status === 'published' ? [...concerned, 'editor', 'member'] : concerned;
    expect(await whoSees(scene)).toEqual(seers.toSorted());
  });

  it.each(statuses)('T-POST-07 of a public post, when it is %s', async (status) => {
    await using scene = await openScene();
    await place(scene, { post: publicPost, collective: collectives.open }, { status });
    const seers = status === 'published' ? [...roles, 'anon'] : concerned;
    expect(await whoSees(scene)).toEqual(seers.toSorted());
  });

  it('T-POST-07 of a private post that its readers know from another collective', async () => {
    await using scene = await openScene();
    await scene.owner.query('UPDATE public.posts SET collective_id = $1 WHERE id = $2', [
      collectives.open,
      posts.author,
    ]);
    await place(scene, { post: posts.author, collective: collectives.far });
    expect(await whoSees(scene)).toEqual(['author', 'outsider']);
  });

  it.each(statuses)(
    'T-POST-07 of a post that somebody else shared into a collective afar, when it is %s',
    async (status) => {
      await using scene = await openScene();
      await place(scene, { post: posts.author, collective: collectives.far }, { status, shared_by: users.editor });
      expect(await whoSees(scene)).toEqual(['author', 'editor', 'outsider']);
    },
  );
});

/** The callers to whom the one association is shown, sorted. */
async function whoSees(scene: Scene): Promise<readonly string[]> {
  const attempt = await watched(scene);
  const seeing: string[] = [];
  for (const name of [...roles, 'anon'] as const) {
    const { error, rows } = await attempt(as[name], 'SELECT post_id FROM public.post_collectives');
    expect(error, name).toBeNull();
    if (rows.length > 0) seeing.push(name);
  }
  return seeing.toSorted();
}
