/** Direct messages: one scope a pair, whoever asks, however often and at once. */

import { describe, expect, it } from 'vitest';
import { noSub } from '../../../fixtures/act/personas.ts';
import type { Persona } from '../../../fixtures/model/persona.ts';
import { as, call, forbidden, missing, rowsOf, type Scene, scenes, settle, unchanged, users } from './scene.ts';
import { insertOf } from './statements.ts';

const openScene = scenes();
const dm = (scene: Scene, persona: Persona, other: string, over = {}) =>
  call(scene, persona, 'core_create_or_get_dm_v1', { p_other_user: other, ...over });

describe('direct messages', () => {
  it('T-DM-01 the pair is stored low before high, with both as members under a policy', async () => {
    await using scene = await openScene();
    const made = await dm(scene, as.bob, users.ann);
    expect(made).toEqual({ ok: true, code: 'dm_created', scope_id: expect.any(String) });
    expect(await rowsOf(scene, 'core_scopes')).toEqual([
      expect.objectContaining({
        id: made['scope_id'],
        scope_type: 'dm',
        visibility: 'private',
        join_mode: 'invite_only',
        dm_user_low: users.ann,
        dm_user_high: users.bob,
        created_by: users.bob,
        member_count: 2,
      }),
    ]);
    const members = (await rowsOf(scene, 'core_members')).map(({ user_id, role, state }) => ({ user_id, role, state }));
    expect(members).toEqual([users.ann, users.bob].map((user_id) => ({ user_id, role: 'owner', state: 'joined' })));
    expect(await rowsOf(scene, 'core_policies')).toMatchObject([{ scope_id: made['scope_id'], version: 1 }]);
  });

  it('T-DM-01 nobody, the schema’s owner included, stores a pair high before low', async () => {
    await using scene = await openScene();
    const turned = insertOf('core_scopes', { ...dmRow, dm_user_low: users.cat, dm_user_high: users.bob });
    await unchanged(scene, async () => expect(await forbidden(scene, turned)).toBe('guard_dm_canonical'));
  });

  it('T-DM-01 who is not signed in, or names no user, gets none', async () => {
    await using scene = await openScene();
    await unchanged(scene, async () => {
      expect(await dm(scene, noSub(), users.ann)).toEqual({ ok: false, code: 'unauthenticated' });
      expect(await dm(scene, as.ann, missing)).toEqual({ ok: false, code: 'user_not_found' });
    });
  });

  it('T-DM-02 a second one for the same pair, in either order, is the same scope', async () => {
    await using scene = await openScene();
    const first = await dm(scene, as.ann, users.bob);
    await unchanged(scene, async () => {
      const again = { ok: true, code: 'dm_exists', scope_id: first['scope_id'] };
      expect(await dm(scene, as.ann, users.bob)).toEqual(again);
      expect(await dm(scene, as.bob, users.ann)).toEqual(again);
    });
  });

  it('T-DM-02 the table itself holds one scope a pair', async () => {
    await using scene = await openScene();
    await dm(scene, as.ann, users.bob);
    const second = insertOf('core_scopes', { ...dmRow, dm_user_low: users.ann, dm_user_high: users.bob });
    await unchanged(scene, async () => expect(await forbidden(scene, second)).toBe('core_scopes_one_dm_per_pair'));
  });

  it('T-DM-SELF-01 to oneself is refused where the deployment does not say otherwise', async () => {
    await using scene = await openScene();
    await unchanged(scene, async () => {
      expect(await dm(scene, as.ann, users.ann)).toEqual({ ok: false, code: 'dm_self_not_allowed' });
      const self = insertOf('core_scopes', { ...dmRow, dm_user_low: users.ann, dm_user_high: users.ann });
      expect(await forbidden(scene, self)).toBe('guard_dm_canonical');
    });
  });

  it('T-DM-SELF-02 to oneself is one scope with one member where the deployment says so', async () => {
    await using scene = await openScene();
    await settle(scene, { dm_self_allowed: 1 });
    const made = await dm(scene, as.ann, users.ann);
    expect(made).toEqual({ ok: true, code: 'dm_created', scope_id: expect.any(String) });
    expect(await dm(scene, as.ann, users.ann)).toEqual({ ...made, code: 'dm_exists' });
    expect(await rowsOf(scene, 'core_scopes')).toMatchObject([{ dm_user_low: users.ann, dm_user_high: users.ann }]);
    expect(await rowsOf(scene, 'core_members')).toMatchObject([{ user_id: users.ann, state: 'joined' }]);
  });
});

const dmRow = {
  scope_type: 'dm',
  visibility: 'private',
  join_mode: 'invite_only',
  policy_hash: '0'.repeat(64),
  scope_max_seq: 0,
  created_by: users.ann,
};
