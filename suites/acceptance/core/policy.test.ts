/** Policies: what goes together, how they are hashed, and how they change. */

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { create, group, setMode } from './acts.ts';
import { as, call, forbidden, key, type Reply, reason, rowsOf, type Scene, scenes, unchanged } from './scene.ts';
import type { Value } from './statements.ts';

const openScene = scenes();
const visibilities = ['public', 'private', 'unlisted'] as const;
const joinModes = ['open', 'approval', 'invite_only'] as const;
const allowed = new Set([
  ...['public open', 'public approval'],
  ...['unlisted open', 'unlisted approval', 'unlisted invite_only'],
  ...['private approval', 'private invite_only'],
]);

/** The eight fields, in no order that matters. */
const policy = {
  visibility: 'private',
  join_mode: 'invite_only',
  delivery_strategy: 'fanout_on_write',
  approval_roles: ['admin', 'owner'],
  approval_quorum: 1,
  self_join_enabled: true,
  invite_ttl: 168,
  data_classification_defaults: 'normal',
} as const;

function update(
  scene: Scene,
  scope: string,
  changed: Readonly<Record<string, unknown>>,
  hash?: string | null,
): Promise<Reply> {
  return call(scene, as.service, 'core_update_policy_v1', {
    p_scope: scope,
    p_policy: changed as Value,
    p_policy_hash: hash === undefined ? hashOf(changed) : hash,
    p_key: key(),
    ...reason,
  });
}

describe('policies', () => {
  it('T-POL-01 of nine combinations of visibility and joining seven are made and two refused', async () => {
    await using scene = await openScene();
    for (const p_visibility of visibilities) {
      for (const p_join_mode of joinModes) {
        const reply = await create(scene, as.ann, { p_visibility, p_join_mode });
        const code = allowed.has(`${p_visibility} ${p_join_mode}`) ? 'scope_created' : 'policy_combination_invalid';
        expect(reply, `${p_visibility} ${p_join_mode}`).toMatchObject({ code });
      }
    }
    const stored = (await rowsOf(scene, 'core_scopes')).map(
      ({ visibility, join_mode }) => `${visibility} ${join_mode}`,
    );
    expect(new Set(stored)).toEqual(allowed);
    expect(await rowsOf(scene, 'core_policies')).toHaveLength(7);
  });

  it.each([
    [{ p_scope_type: 'dm' }, 'scope_type_invalid'],
    [{ p_scope_type: null }, 'scope_type_invalid'],
    [{ p_visibility: 'secret' }, 'policy_value_invalid'],
    [{ p_join_mode: null }, 'policy_value_invalid'],
    [{ p_delivery_strategy: 'both' }, 'policy_value_invalid'],
    [{ p_data_classification: 'none' }, 'policy_value_invalid'],
    [{ p_invite_ttl_hours: 0 }, 'policy_value_invalid'],
    [{ p_invite_ttl_hours: 8761 }, 'policy_value_invalid'],
    [{ p_invite_ttl_hours: null }, 'invite_ttl_required'],
    [{ p_approval_quorum: 0 }, 'policy_value_invalid'],
  ])('T-POL-01 a scope with %j is refused', async (over, code) => {
    await using scene = await openScene();
    await unchanged(scene, async () => expect(await create(scene, as.ann, over)).toEqual({ ok: false, code }));
  });

  it('T-POL-01 visibility moves step by step, and from public to private in a freeze alone', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const open = { ...policy, join_mode: 'approval' };
    await unchanged(scene, async () => {
      expect(await update(scene, scope, { ...open, visibility: 'public' })).toMatchObject({
        code: 'visibility_transition_invalid',
      });
      expect(await update(scene, scope, { ...policy, visibility: 'public' })).toMatchObject({
        code: 'policy_combination_invalid',
      });
    });
    for (const visibility of ['unlisted', 'public'])
      expect(await update(scene, scope, { ...open, visibility })).toMatchObject({ ok: true });
    await unchanged(scene, async () =>
      expect(await update(scene, scope, { ...open, visibility: 'private' })).toMatchObject({ code: 'freeze_required' }),
    );
    await setMode(scene, scope, 'write_freeze');
    expect(await update(scene, scope, { ...open, visibility: 'private' })).toMatchObject({
      ok: true,
      policy_version: 4,
    });
    expect(await setMode(scene, scope, 'normal')).toMatchObject({ code: 'rebuild_required' });
    expect(await rowsOf(scene, 'core_scopes')).toMatchObject([{ visibility: 'private', policy_version: 4 }]);
    expect(await rowsOf(scene, 'core_policies')).toHaveLength(4);
  });

  it('T-POL-HASH-01 the hash is SHA-256 of the canonical JSON of exactly the eight fields', async () => {
    await using scene = await openScene();
    const made = await create(scene, as.ann);
    expect(made['policy_hash']).toBe(hashOf(policy));
    expect(await rowsOf(scene, 'core_policies')).toMatchObject([{ policy_hash: hashOf(policy) }]);
    const { rows } = await scene.owner.query('SELECT core.policy_hash($1) AS more, core.policy_hash($2) AS less', [
      JSON.stringify({ ...policy, created_at: 'now', ninth: 9 }),
      JSON.stringify({ ...policy, approval_quorum: 2 }),
    ]);
    expect(rows[0]?.['more']).toBe(hashOf(policy));
    expect(rows[0]?.['less']).not.toBe(hashOf(policy));
    const other = await create(scene, as.ann, { p_delivery_strategy: 'fanout_on_read' });
    expect(other['policy_hash']).toBe(hashOf({ ...policy, delivery_strategy: 'fanout_on_read' }));
  });

  it('T-POL-HASH-01 no statement of the owner stores another hash, or changes a version', async () => {
    await using scene = await openScene();
    await create(scene, as.ann);
    const next = `INSERT INTO public.core_policies SELECT (jsonb_populate_record(p,
      jsonb_build_object('version', 2, 'policy_hash', repeat('0', 64)))).* FROM public.core_policies AS p`;
    await unchanged(scene, async () => {
      expect(await forbidden(scene, next)).toBe('guard_policy_valid');
      expect(await forbidden(scene, next.replace("'version', 2", "'version', 3"))).toMatch(/^guard_policy_v/);
      expect(await forbidden(scene, 'UPDATE public.core_policies SET invite_ttl = 1')).toBe('guard_policies_immutable');
      expect(await forbidden(scene, 'DELETE FROM public.core_policies')).toBe('guard_policies_immutable');
      expect(await forbidden(scene, 'TRUNCATE public.core_policies CASCADE')).toMatch(/_kept$|_not_emptied$/);
      expect(await forbidden(scene, "UPDATE public.core_scopes SET policy_hash = repeat('0', 64)")).toBe(
        'core_scopes_policy_in_force',
      );
    });
  });

  it('T-POL-HASH-02 an update with a wrong hash is refused, with the right one it is the next version', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const changed = { ...policy, approval_quorum: 2 };
    await unchanged(scene, async () => {
      for (const hash of [hashOf(policy), hashOf(changed).toUpperCase(), null])
        expect(await update(scene, scope, changed, hash)).toEqual({ ok: false, code: 'policy_hash_mismatch' });
      expect(await update(scene, scope, { ...changed, ninth: 9 })).toMatchObject({ code: 'policy_fields_invalid' });
      const { invite_ttl: _, ...seven } = changed;
      expect(await update(scene, scope, seven)).toMatchObject({ code: 'policy_fields_invalid' });
      for (const value of [{ approval_quorum: '2' }, { approval_quorum: 1.5 }, { invite_ttl: '24' }])
        expect(await update(scene, scope, { ...policy, ...value })).toEqual({
          ok: false,
          code: 'policy_value_invalid',
        });
    });
    expect(await update(scene, scope, changed)).toEqual({
      ok: true,
      code: 'policy_updated',
      policy_version: 2,
      policy_hash: hashOf(changed),
    });
    expect(await rowsOf(scene, 'core_scopes')).toMatchObject([{ policy_version: 2, policy_hash: hashOf(changed) }]);
    expect(await rowsOf(scene, 'core_admin_actions')).toMatchObject([{ action: 'update_policy', scope_id: scope }]);
  });
});

/** By the standard's own words for objects as plain as these: names sorted, no white space. */
function hashOf(fields: Readonly<Record<string, unknown>>): string {
  const sorted = Object.fromEntries(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}
