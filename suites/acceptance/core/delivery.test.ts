/** Large channels are read from, not written to. */

import { describe, expect, it } from 'vitest';
import { literal } from '../../../fixtures/wire/escape.ts';
import { create, group, join, policyChange, setMode } from './acts.ts';
import { as, call, forbidden, key, reason, rowsOf, type Scene, scenes, unchanged } from './scene.ts';

const openScene = scenes();
const open = { p_scope_type: 'channel', p_visibility: 'public', p_join_mode: 'open' };
const mark = (scene: Scene, scope: string, large: boolean) =>
  call(scene, as.service, 'core_mark_large_v1', { p_scope: scope, p_is_large: large, p_key: key(), ...reason });
const refused = { ok: false, code: 'fanout_on_read_required' };

describe('delivery', () => {
  it('T-DEL-01 a channel that fans out on write is not marked as large, and a large one does not turn back to it', async () => {
    await using scene = await openScene();
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
    const back = await policyChange(scene, read, { delivery_strategy: 'fanout_on_write' });
    await unchanged(scene, async () =>
      expect(await call(scene, as.service, 'core_update_policy_v1', back)).toEqual(refused),
    );
  });

  it('T-DEL-01 the 50,000th member makes a channel large, and does not come in where it fans out on write', async () => {
    await using scene = await openScene();
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
    await using scene = await openScene();
    const scope = String((await create(scene, as.ann, open))['scope_id']);
    const change = await policyChange(scene, scope, { delivery_strategy: 'fanout_on_read' });
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

/** Says that a scope has so many members, whom nobody needs to see. */
async function crowd(scene: Scene, scope: string, count: number): Promise<void> {
  await scene.owner.query('UPDATE public.core_scopes SET member_count = $2 WHERE id = $1', [scope, count]);
}
