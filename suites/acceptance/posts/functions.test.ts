/** The functions that are asked: about oneself alone, and without telling a stranger what is there. */

import { describe, expect, it } from 'vitest';
import { noSub } from '../../../fixtures/act/personas.ts';
import {
  as,
  call,
  collectives,
  missing,
  people,
  place,
  posts,
  publicPost,
  type Scene,
  scenes,
  seat,
  unchanged,
  users,
} from './scene.ts';

const openScene = scenes();
const posting = ['owner', 'admin', 'editor', 'author'] as const;

function mayPost(scene: Scene, persona: keyof typeof as, user: string | null, collective: string | null) {
  return call(scene, as[persona], 'can_user_post_to_collective', { p_user: user, p_collective: collective });
}

describe('get_user_postable_collectives', () => {
  it('T-POST-12 gives owner first, then admin, editor, author, then by name, with its members counted', async () => {
    await using scene = await openScene();
    await scene.owner.script(`
      INSERT INTO public.collectives (name, slug, owner_id)
      SELECT n, lower(n), '${users.owner}' FROM unnest('{Elm,Ash,Oak,Birch,Fir,Beech,Yew}'::text[]) AS n;
      INSERT INTO public.collective_members (collective_id, member_id, role)
      SELECT c.id, '${users.outsider}', r FROM public.collectives AS c
      JOIN (VALUES ('Elm', 'author'), ('Ash', 'author'), ('Oak', 'editor'), ('Birch', 'admin'), ('Fir', 'owner'), ('Beech', 'admin'), ('Yew', 'member')) AS v (n, r)
      ON v.n = c.name;
      INSERT INTO public.collective_members (collective_id, member_id)
      SELECT c.id, '${users.member}' FROM public.collectives AS c WHERE c.name IN ('Oak', 'Ash')`);
    const rows = (await call(scene, as.outsider, 'get_user_postable_collectives', { p_user: users.outsider })) as {
      name: string;
    }[];
    expect(rows.map(({ name }) => name)).toEqual(['Far', 'Fir', 'Beech', 'Birch', 'Oak', 'Ash', 'Elm']);
    expect(rows[4]).toEqual({
      collective_id: expect.any(String),
      name: 'Oak',
      slug: 'oak',
      user_role: 'editor',
      member_count: 2,
    });
  });

  it('T-POST-12 with 60 collectives it gives 60', async () => {
    await using scene = await openScene();
    await scene.owner.script(`
      INSERT INTO public.collectives (name, slug, owner_id) SELECT 'C' || n, 'c' || n, '${users.owner}' FROM generate_series(1, 60) AS n;
      INSERT INTO public.collective_members SELECT id, '${users.outsider}', 'author' FROM public.collectives WHERE slug ~ '^c\\d'`);
    expect(await call(scene, as.outsider, 'get_user_postable_collectives', { p_user: users.outsider })).toHaveLength(
      61,
    );
  });
});

describe('functions that take a user', () => {
  it('T-POST-13 every role is told about itself, in each collective', async () => {
    await using scene = await openScene();
    for (const person of people) {
      for (const id of [collectives.open, collectives.strict]) {
        const may = (posting as readonly string[]).includes(person);
        expect(await mayPost(scene, person, users[person], id), person).toEqual([may]);
      }
      const rows = (await call(scene, as[person], 'get_user_postable_collectives', { p_user: users[person] })) as {
        user_role: string;
      }[];
      const roles = person === 'outsider' ? ['owner'] : person === 'member' ? [] : [person, person];
      expect(rows.map(({ user_role }) => user_role)).toEqual(roles);
    }
  });

  it('T-POST-13 nobody is told about anybody else; the service is told about everybody', async () => {
    await using scene = await openScene();
    await unchanged(scene, async () => {
      for (const persona of people) {
        for (const user of [
          ...people.filter((other) => other !== persona).map((other) => users[other]),
          missing,
          null,
        ]) {
          expect(await mayPost(scene, persona, user, collectives.open), `${persona} about ${user}`).toEqual([false]);
          const rows = await call(scene, as[persona], 'get_user_postable_collectives', { p_user: user });
          expect(rows, `${persona} about ${user}`).toEqual([]);
        }
      }
      expect(await mayPost(scene, 'service', users.author, collectives.open)).toEqual([true]);
      expect(await mayPost(scene, 'service', users.member, collectives.open)).toEqual([false]);
      expect(await mayPost(scene, 'service', null, collectives.open)).toEqual([false]);
      expect(await mayPost(scene, 'service', users.author, null)).toEqual([false]);
      expect(await call(scene, as.service, 'get_user_postable_collectives', { p_user: null })).toEqual([]);
      expect(await call(scene, as.service, 'get_user_postable_collectives', { p_user: users.author })).toHaveLength(2);
    });
  });

  it('T-POST-13 a token without a user is told nothing, and the public key may ask nothing but the count', async () => {
    await using scene = await openScene();
    await unchanged(scene, async () => {
      const about = { p_user: null, p_collective: collectives.open };
      expect(await call(scene, noSub(), 'can_user_post_to_collective', about)).toEqual([false]);
      expect(await call(scene, noSub(), 'get_user_postable_collectives', { p_user: null })).toEqual([]);
      for (const [routine, args] of [
        ['can_user_post_to_collective', about],
        ['get_user_postable_collectives', { p_user: users.author }],
        ['validate_collective_permissions', { p_collectives: [collectives.open] }],
        ['create_post_collective_associations', { p_post: publicPost, p_collectives: [collectives.open] }],
        ['get_post_audit_log', { p_post: publicPost }],
        ['migrate_legacy_post_collectives', {}],
      ] as const)
        expect(await call(scene, as.anon, routine, args), routine).toBe('42501');
      for (const person of people)
        expect(await call(scene, as[person], 'migrate_legacy_post_collectives', {})).toBe('42501');
    });
  });

  it('T-POST-13 a role that goes is gone from the next answer on', async () => {
    await using scene = await openScene();
    await seat(scene, collectives.open, 'author', 'member');
    expect(await mayPost(scene, 'author', users.author, collectives.open)).toEqual([false]);
    await seat(scene, collectives.strict, 'author', null);
    expect(await call(scene, as.author, 'get_user_postable_collectives', { p_user: users.author })).toEqual([]);
  });
});

describe('get_post_collective_count', () => {
  it('T-POST-15 counts the published associations that its caller sees', async () => {
    await using scene = await openScene();
    await place(scene, { post: posts.author, collective: collectives.open });
    await place(scene, { post: posts.author, collective: collectives.strict }, { status: 'draft' });
    await place(scene, { post: posts.author, collective: collectives.far });
    await place(scene, { post: publicPost, collective: collectives.open });
    const count = (persona: keyof typeof as, post: string | null) =>
      call(scene, as[persona], 'get_post_collective_count', { p_post: post });
    await unchanged(scene, async () => {
      expect(await count('author', posts.author)).toEqual([2]);
      expect(await count('member', posts.author)).toEqual([1]);
      expect(await count('outsider', posts.author)).toEqual([1]);
      expect(await count('anon', posts.author)).toEqual([0]);
      expect(await count('anon', publicPost)).toEqual([1]);
      expect(await count('service', posts.author)).toEqual([2]);
      expect(await count('author', null)).toEqual([0]);
    });
  });
});

describe('validate_collective_permissions', () => {
  it('T-POST-16 answers once for each collective that was asked for, in order', async () => {
    await using scene = await openScene();
    const validate = (persona: keyof typeof as, ids: readonly (string | null)[] | null) =>
      call(scene, as[persona], 'validate_collective_permissions', { p_collectives: ids });
    const asked = [collectives.strict, missing, collectives.open, null, collectives.far, collectives.strict];
    const answer = (collective_id: string | null, reason: string) => ({
      collective_id,
      allowed: reason === 'allowed' || reason === 'needs_approval',
      reason,
    });
    await unchanged(scene, async () => {
      expect(await validate('author', asked)).toEqual([
        answer(collectives.strict, 'needs_approval'),
        answer(missing, 'no_access'),
        answer(collectives.open, 'allowed'),
        answer(null, 'invalid'),
        answer(collectives.far, 'no_access'),
      ]);
      for (const role of ['owner', 'admin', 'editor'] as const)
        expect(await validate(role, [collectives.strict])).toEqual([answer(collectives.strict, 'allowed')]);
      expect(await validate('member', [collectives.open])).toEqual([answer(collectives.open, 'role_insufficient')]);
      expect(await validate('outsider', [collectives.open])).toEqual([answer(collectives.open, 'no_access')]);
      expect(await validate('author', [])).toEqual([]);
      expect(await validate('author', null)).toEqual([]);
    });
    const none = await call(scene, noSub(), 'validate_collective_permissions', { p_collectives: [collectives.open] });
    expect(none).toEqual([answer(collectives.open, 'no_access')]);
  });
});
