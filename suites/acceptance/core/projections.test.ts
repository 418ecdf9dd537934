/** Projections: what they hold, up to where, and that a rebuild comes to the same. */

import { describe, expect, it } from 'vitest';
import { ack, fill, group, send } from './acts.ts';
import { as, call, forbidden, key, type Row, rowsOf, type Scene, scenes, unchanged, users } from './scene.ts';

const openScene = scenes();
const rebuild = (scene: Scene, scope: string, batch: number) =>
  call(scene, as.service, 'core_rebuild_projection_v1', { p_scope: scope, p_batch: batch, p_key: key() });
const watermark = async (scene: Scene) => (await rowsOf(scene, 'core_projection_watermarks'))[0] as Row;

describe('projections', () => {
  it('T-PROJ-01 watermarks rise with the log and never go back within a version', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob]);
    for (let n = 1; n <= 3; n += 1) {
      await send(scene, as.ann, scope);
      expect(await watermark(scene)).toMatchObject({ dialogs_watermark_seq: n, unread_watermark_seq: n, version: 1 });
    }
    await unchanged(scene, async () => {
      const table = 'UPDATE public.core_projection_watermarks SET';
      for (const change of [
        'dialogs_watermark_seq = 2',
        'unread_watermark_seq = 0',
        'dialogs_watermark_seq = 4',
        'version = 3',
        'version = 0',
      ])
        expect(await forbidden(scene, `${table} ${change}`), change).toMatch(
          /^(guard_watermarks|core_projection_watermarks_version)$/,
        );
    });
    expect(await rebuild(scene, scope, 2)).toMatchObject({ code: 'projection_rebuilding', watermark_seq: 2 });
    expect(await watermark(scene)).toMatchObject({ dialogs_watermark_seq: 2, version: 2 });
    expect(await rebuild(scene, scope, 2)).toMatchObject({ code: 'projection_rebuilt', watermark_seq: 3 });
    expect(await watermark(scene)).toMatchObject({ dialogs_watermark_seq: 3, unread_watermark_seq: 3, version: 2 });
  });

  it.each([1, 4, 1000])('T-PROJ-02 a rebuild in batches of %i equals the live projection', async (batch) => {
    await using scene = await openScene();
    const scope = await busy(scene);
    const live = await rowsOf(scene, 'core_projections');
    expect(
      live.map(({ user_id, unread_count, last_event_seq }) => ({ user_id, unread_count, last_event_seq })),
    ).toEqual([
      { user_id: users.ann, unread_count: 2, last_event_seq: 9 },
      { user_id: users.bob, unread_count: 4, last_event_seq: 9 },
      { user_id: users.cat, unread_count: 7, last_event_seq: 9 },
    ]);
    await scene.owner.query('UPDATE public.core_projections SET unread_count = 77, last_event_seq = 0');
    for (let n = 0; n < Math.ceil(9 / batch); n += 1)
      expect(await rebuild(scene, scope, batch)).toMatchObject({ ok: true });
    expect(await rowsOf(scene, 'core_projections')).toEqual(live);
    expect(await rowsOf(scene, 'core_migrations')).toMatchObject([
      { kind: 'projection_rebuild', state: 'done', checkpoint: 9 },
    ]);
  });

  it('T-PROJ-02 what is sent and read while it is rebuilt is in it, and meanwhile the log answers', async () => {
    await using scene = await openScene();
    const scope = await busy(scene);
    expect(await rebuild(scene, scope, 4)).toMatchObject({ code: 'projection_rebuilding' });
    await send(scene, as.bob, scope);
    await ack(scene, as.cat, scope, 6);
    const dialog = await call(scene, as.cat, 'core_get_dialog_metadata_v1', { p_scopes: `{${scope}}` });
    expect(dialog['dialogs']).toMatchObject([
      { mode: 'rebuilding', unread_count: 3, last_event_seq: 10, last_read_seq: 6 },
    ]);
    for (let n = 0; n < 2; n += 1) await rebuild(scene, scope, 4);
    const counted = (await rowsOf(scene, 'core_projections')).map(({ unread_count, last_event_seq, mode }) => [
      unread_count,
      last_event_seq,
      mode,
    ]);
    expect(counted).toEqual([
      [3, 10, 'normal'],
      [4, 10, 'normal'],
      [3, 10, 'normal'],
    ]);
    const after = await call(scene, as.cat, 'core_get_dialog_metadata_v1', { p_scopes: `{${scope}}` });
    expect(after['dialogs']).toMatchObject([{ mode: 'normal', unread_count: 3 }]);
  });
});

/** Seven messages of two people, an edit, a deletion; some of it read. */
async function busy(scene: Scene): Promise<string> {
  const scope = await group(scene, [as.bob, as.cat]);
  await fill(scene, scope, 3);
  await send(scene, as.bob, scope);
  await send(scene, as.bob, scope, { p_command_type: 'message_edit', p_payload: { target_seq: 4 } });
  await fill(scene, scope, 2);
  await send(scene, as.bob, scope, { p_command_type: 'message_delete', p_payload: { target_seq: 4 } });
  await send(scene, as.bob, scope);
  await ack(scene, as.bob, scope, 1);
  return scope;
}
