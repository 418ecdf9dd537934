/** Modes of a scope: the steps between them, who agrees to them, how often, and what each lets through. */

import { describe, expect, it } from 'vitest';
import { group, send, setMode, timeline } from './acts.ts';
import { as, call, key, operator, reason, rowsOf, type Scene, scenes, unchanged, users } from './scene.ts';

const openScene = scenes();
const modes = ['normal', 'maintenance_write_freeze', 'read_only_safe', 'maintenance_full'] as const;
const steps = new Set([
  ...['normal maintenance_write_freeze', 'maintenance_write_freeze normal'],
  ...['maintenance_write_freeze read_only_safe', 'read_only_safe maintenance_write_freeze'],
  ...['maintenance_write_freeze maintenance_full', 'maintenance_full maintenance_write_freeze'],
]);
const approve = (scene: Scene, id: string, scope: string, mode: string) =>
  call(scene, operator(id), 'core_approve_maintenance_v1', { p_scope: scope, p_mode: mode, p_key: key(), ...reason });

describe('maintenance', () => {
  it('of sixteen steps six are taken and ten refused', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    for (const from of modes) {
      for (const to of modes) {
        await scene.owner.query('UPDATE public.core_scopes SET system_mode = $1', [from]);
        await scene.owner.query('DELETE FROM public.core_admin_actions');
        for (const id of [users.cat, users.dan]) await approve(scene, id, scope, to);
        const reply = await setMode(scene, scope, to);
        const taken = steps.has(`${from} ${to}`);
        expect(reply, `${from} ${to}`).toMatchObject({
          code: taken ? 'maintenance_set' : 'maintenance_transition_invalid',
        });
        expect(await rowsOf(scene, 'core_scopes')).toMatchObject([{ system_mode: taken ? to : from }]);
      }
    }
  });

  it('maintenance_full takes two operators, by name, and lets nothing through', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob]);
    await send(scene, as.ann, scope);
    await setMode(scene, scope, 'write_freeze');
    const few = { ok: false, code: 'approvals_required', approvals: 2 };
    expect(await setMode(scene, scope, 'maintenance_full')).toEqual(few);
    for (const approvals of [1, 1])
      expect(await approve(scene, users.cat, scope, 'maintenance_full')).toMatchObject({ approvals });
    await unchanged(scene, async () => {
      expect(await setMode(scene, scope, 'maintenance_full')).toEqual(few);
      const nobody = { p_scope: scope, p_mode: 'maintenance_full', p_key: key(), ...reason };
      expect(await call(scene, as.service, 'core_approve_maintenance_v1', nobody)).toEqual({
        ok: false,
        code: 'operator_unknown',
      });
      expect(await call(scene, as.ann, 'core_approve_maintenance_v1', nobody)).toEqual({ sqlstate: '42501' });
    });
    expect(await approve(scene, users.dan, scope, 'maintenance_full')).toMatchObject({ approvals: 2 });
    expect(await setMode(scene, scope, 'maintenance_full')).toMatchObject({ ok: true });
    await unchanged(scene, async () => {
      expect(await timeline(scene, as.bob, scope)).toMatchObject({ ok: false, code: 'scope_unavailable' });
      expect(await send(scene, as.bob, scope)).toMatchObject({ ok: false, code: 'scope_read_only' });
      const read = await call(scene, as.bob, 'core_get_dialog_metadata_v1', { p_scopes: `{${scope}}` });
      expect(read['dialogs']).toEqual([]);
    });
    const logged = (await rowsOf(scene, 'core_admin_actions')).map(({ action, actor_id }) => `${action} ${actor_id}`);
    expect(logged.toSorted()).toEqual([
      `approve_maintenance ${users.cat}`,
      `approve_maintenance ${users.cat}`,
      `approve_maintenance ${users.dan}`,
      ...['set_maintenance null', 'set_maintenance null'],
    ]);
  });

  it('three changes an hour are enough', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    for (const mode of ['write_freeze', 'normal', 'write_freeze'])
      expect(await setMode(scene, scope, mode)).toMatchObject({ ok: true });
    await unchanged(scene, async () =>
      expect(await setMode(scene, scope, 'normal')).toEqual({ ok: false, code: 'maintenance_rate_exceeded' }),
    );
    await scene.owner.query("UPDATE public.core_admin_actions SET created_at = created_at - interval '1 hour'");
    expect(await setMode(scene, scope, 'normal')).toMatchObject({ ok: true });
    expect(await rowsOf(scene, 'core_scopes')).toMatchObject([{ system_mode: 'normal' }]);
  });
});
