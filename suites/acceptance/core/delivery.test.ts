/** Large channels are read from, not written to. */

import { describe, expect, it } from 'vitest';
import { literal } from '../../../fixtures/wire/escape.ts';
import { create, group, setMode } from './acts.ts';
import { as, call, coreLab, forbidden, key, openScene, reason, rowsOf, type Scene, unchanged } from './scene.ts';

const lab = coreLab();
const open = { p_scope_type: 'channel', p_visibility: 'public', p_join_mode: 'open' };
const mark = (scene: Scene, scope: string, large: boolean) =>
  call(scene, as.service, 'core_mark_large_v1', { p_scope: scope, p_is_large: large, p_key: key(), ...reason });
const join = (scene: Scene, persona: typeof as.ann, scope: string) =>
  call(scene, persona, 'core_change_membership_v1', {
    p_scope: scope,
    p_user: persona.user,
    p_action: 'join',
    p_key: key(),
  });
const refused = { ok: false, code: 'fanout_on_read_required' };

describe('delivery', () => {
  it('T-DEL-01 a channel that fans out on write is not marked as large, and a large one does not turn back to it', async () => {
    await using scene = await openScene(lab);
    const written = await group(scene, [], open);
    await unchanged(scene, async () => {
      expect(await mark(scene, written, true)).toEqual(refused);
      const owner = `UPDATE public.core_scopes SET is_large = true WHERE id = ${literal(written)}`;
      expect(await forbidden(scene, owner)).toBe('core_scopes_large_delivery');
    });
    const read = await group(scene, [], { ...open, p_delivery_strategy: 'fanout_on_read' });
    expect(await mark(scene, read, true)).toMatchObject({ ok: true, code: 'marked' });
    expect((await rowsOf(scene, 'core_scopes')).find(({ id }) => id === read)).toMatchObject({ is_large: true });
    await setMode(scene, read, 'write_freeze');
    const back = await turn(scene, read, 'fanout_on_write');
    await unchanged(scene, async () =>
      expect(await call(scene, as.service, 'core_update_policy_v1', back)).toEqual(refused),
    );
  });

  it('T-DEL-01 the 50,000th member makes a channel large, and does not come in where it fans out on write', async () => {
    await using scene = await openScene(lab);
    const written = await group(scene, [], open);
    const read = await group(scene, [], { ...open, p_delivery_strategy: 'fanout_on_read' });
    await crowd(scene, written, 49_999);
    await crowd(scene, read, 49_998);
    await unchanged(scene, async () => expect(await join(scene, as.bob, written)).toEqual(refused));
    expect(await join(scene, as.bob, read)).toMatchObject({ ok: true });
    expect((await rowsOf(scene, 'core_scopes')).find(({ id }) => id === read)).toMatchObject({
      is_large: false,
      member_count: 49_999,
    });
    expect(await join(scene, as.cat, read)).toMatchObject({ ok: true });
    expect((await rowsOf(scene, 'core_scopes')).find(({ id }) => id === read)).toMatchObject({
      is_large: true,
      member_count: 50_000,
    });
  });

  it('T-DEL-01 a change of delivery needs a freeze, and a rebuild before the freeze ends', async () => {
    await using scene = await openScene(lab);
    const scope = String((await create(scene, as.ann, open))['scope_id']);
    const change = await turn(scene, scope, 'fanout_on_read');
    await unchanged(scene, async () =>
      expect(await call(scene, as.service, 'core_update_policy_v1', change)).toEqual({
        ok: false,
        code: 'freeze_required',
      }),
    );
    await setMode(scene, scope, 'write_freeze');
    expect(await call(scene, as.service, 'core_update_policy_v1', change)).toMatchObject({ ok: true });
    await unchanged(scene, async () =>
      expect(await setMode(scene, scope, 'normal')).toEqual({ ok: false, code: 'rebuild_required' }),
    );
    await call(scene, as.service, 'core_rebuild_projection_v1', { p_scope: scope, p_key: key() });
    expect(await setMode(scene, scope, 'normal')).toMatchObject({ ok: true });
    expect(await rowsOf(scene, 'core_scopes')).toMatchObject([
      { delivery_strategy: 'fanout_on_read', system_mode: 'normal' },
    ]);
    expect(await rowsOf(scene, 'core_projections')).toMatchObject([{ mode: 'normal' }]);
  });
});

/** Arguments of the policy update that changes nothing but the strategy. */
async function turn(scene: Scene, scope: string, strategy: string) {
  const { rows } = await scene.owner.query(
    `SELECT f AS policy, core.policy_hash(f) AS hash
     FROM (SELECT to_jsonb(p) - '{scope_id,version,policy_hash,created_at}'::text[] || jsonb_build_object('delivery_strategy', $2::text) AS f
       FROM public.core_policies AS p WHERE p.scope_id = $1) AS changed`,
    [scope, strategy],
  );
  return {
    p_scope: scope,
    p_policy: rows[0]?.['policy'] as object as { readonly [name: string]: unknown },
    p_policy_hash: String(rows[0]?.['hash']),
    p_key: key(),
    ...reason,
  };
}

/** Says that a scope has so many members, whom nobody needs to see. */
async function crowd(scene: Scene, scope: string, count: number): Promise<void> {
  await scene.owner.query('UPDATE public.core_scopes SET member_count = $2 WHERE id = $1', [scope, count]);
}
