/** What sharing stands on: who reads people, collectives, seats and posts, and who writes posts. */

import { describe, expect, it } from 'vitest';
import { literal } from '../../../fixtures/wire/escape.ts';
import {
  as,
  collectives,
  outcome,
  type Person,
  people,
  posts,
  publicPost,
  run,
  type Scene,
  scenes,
  table,
  unchanged,
  users,
} from './scene.ts';

const openScene = scenes();
const members = people.filter((person) => person !== 'outsider');

/** The ids, or pairs of ids, that a caller reads of a table, sorted. */
async function read(scene: Scene, caller: keyof typeof as, what: string): Promise<unknown> {
  const { error, rows } = await run(scene, as[caller], `SELECT ${what}`);
  return error?.sqlstate ?? rows.map((row) => row.join(' ')).toSorted();
}

describe('what was there before sharing', () => {
  it('T-POST-36 people read themselves, and nobody else', async () => {
    await using scene = await openScene();
    for (const person of people) expect(await read(scene, person, 'id FROM public.users')).toEqual([users[person]]);
    expect(await read(scene, 'anon', 'id FROM public.users')).toBe('42501');
  });

  it('T-POST-36 members read their collectives, and of the seats their own', async () => {
    await using scene = await openScene();
    for (const person of people) {
      const of = person === 'outsider' ? [collectives.far] : [collectives.open, collectives.strict];
      expect(await read(scene, person, 'id FROM public.collectives'), person).toEqual(of);
      const seats = of.map((id) => `${id} ${users[person]}`);
      expect(await read(scene, person, 'collective_id, member_id FROM public.collective_members'), person).toEqual(
        seats,
      );
    }
    for (const name of ['collectives', 'collective_members'])
      expect(await read(scene, 'anon', `count(*) FROM public.${name}`)).toBe('42501');
  });

  it('T-POST-36 a post is read by its author, a public one by everybody, one that knew a collective by its members', async () => {
    await using scene = await openScene();
    await scene.owner.query('UPDATE public.posts SET collective_id = $1 WHERE id = $2', [
      collectives.open,
      posts.owner,
    ]);
    for (const person of people) {
      const seen = new Set([posts[person], publicPost, ...(person === 'outsider' ? [] : [posts.owner])]);
      expect(await read(scene, person, 'id FROM public.posts'), person).toEqual([...seen].toSorted());
    }
    expect(await read(scene, 'anon', 'id FROM public.posts')).toEqual([publicPost]);
  });

  it('T-POST-36 a post is written, changed and deleted by its author alone, and nobody places it by themselves', async () => {
    await using scene = await openScene();
    const insert = (author: Person, more = '') =>
      `INSERT INTO public.posts (author_id, title${more && ', collective_id'}) VALUES (${literal(users[author])}, 'New'${more})`;
    const change = (set: string) => `UPDATE public.posts SET ${set} WHERE id = ${literal(posts.author)}`;
    const remove = `DELETE FROM public.posts WHERE id = ${literal(posts.author)}`;
    await unchanged(scene, async () => {
      for (const person of [...members, 'outsider', 'anon'] as const) {
        const other = person === 'author' ? 'editor' : 'author';
        expect(await outcome(scene, as[person], insert(other)), person).toBe('42501');
        if (person === 'author') continue;
        const none = person === 'anon' ? '42501' : 0;
        expect(await outcome(scene, as[person], change("title = 'Changed'")), person).toBe(none);
        expect(await outcome(scene, as[person], remove), person).toBe(none);
      }
      const placed = insert('author', `, ${literal(collectives.far)}`);
      expect(await outcome(scene, as.author, placed)).toBe('42501');
      for (const set of [`author_id = ${literal(users.editor)}`, `collective_id = ${literal(collectives.far)}`])
        expect(await outcome(scene, as.author, change(set))).toBe('42501');
    });
    expect(await outcome(scene, as.author, insert('author'))).toBe(1);
    expect(await outcome(scene, as.author, change("title = 'Changed', content = 'Other', is_public = true"))).toBe(1);
    const rows = (await table(scene, 'posts')).filter((row) => row['author_id'] === users.author);
    expect(rows.map(({ title, is_public }) => [title, is_public])).toEqual(
      expect.arrayContaining([
        ['Changed', true],
        ['New', false],
      ]),
    );
    expect(await outcome(scene, as.author, remove)).toBe(1);
    expect((await table(scene, 'posts')).map(({ id }) => id)).not.toContain(posts.author);
  });

  it('T-POST-36 nobody but the service gives seats, founds collectives or signs people up', async () => {
    await using scene = await openScene();
    await unchanged(scene, async () => {
      for (const sql of [
        `INSERT INTO public.collective_members (collective_id, member_id, role) VALUES (${literal(collectives.far)}, ${literal(users.author)}, 'owner')`,
        `UPDATE public.collective_members SET role = 'owner'`,
        'DELETE FROM public.collective_members',
        `INSERT INTO public.collectives (name, slug, owner_id) VALUES ('Mine', 'mine', ${literal(users.author)})`,
        'UPDATE public.collectives SET requires_approval = false',
        'DELETE FROM public.collectives',
        `INSERT INTO public.users (id) VALUES (${literal(users.author)})`,
        'UPDATE public.users SET created_at = now()',
        'DELETE FROM public.users',
      ])
        for (const person of [...people, 'anon'] as const)
          expect(await outcome(scene, as[person], sql), `${person}: ${sql}`).toBe('42501');
    });
  });
});
