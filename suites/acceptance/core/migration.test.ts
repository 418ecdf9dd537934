/** A journalled migration: read-only meanwhile, a stable view, whole batches, and going on where it stopped. */

import { describe, expect, it } from 'vitest';
import { literal } from '../../../fixtures/wire/escape.ts';
import { ack, asReplica, fill, group, invite, send, setMode, timeline } from './acts.ts';
import { as, call, forbidden, key, type Reply, rowsOf, type Scene, scenes, unchanged, users } from './scene.ts';
import { callOf } from './statements.ts';

const openScene = scenes();
const args = (scope: string, over = {}) => ({
  p_scope: scope,
  p_migration: 'rehash_payloads',
  p_key: key(),
  p_batch: 4,
  ...over,
});
const step = (scene: Scene, scope: string, over = {}): Promise<Reply> =>
  call(scene, as.service, 'core_migration_step_v1', args(scope, over));
const journal = async (scene: Scene) => (await rowsOf(scene, 'core_migrations'))[0];
const stale = '0'.repeat(64);

describe('migrations', () => {
  it('T-MIG-READ-01 while it runs everything is read and nothing written, and the mode stays', async () => {
    await using scene = await openScene();
    const scope = await prepared(scene);
    expect(await step(scene, scope)).toMatchObject({ ok: true, code: 'migration_started' });
    const refused = { ok: false, code: 'scope_read_only', system_mode: 'read_only_safe' };
    await unchanged(scene, async () => {
      expect(await send(scene, as.bob, scope)).toEqual(refused);
      expect(await invite(scene, as.ann, scope, users.cat)).toEqual(refused);
      expect(await ack(scene, as.bob, scope, 1)).toEqual(refused);
      expect(await timeline(scene, as.bob, scope)).toMatchObject({ ok: true, scope_max_seq: 10 });
      expect(await setMode(scene, scope, 'write_freeze')).toEqual({ ok: false, code: 'work_in_progress' });
    });
  });

  it('T-MIG-READ-01 outside read_only_safe it does not begin', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await unchanged(scene, async () =>
      expect(await step(scene, scope)).toEqual({ ok: false, code: 'read_only_required' }),
    );
    await setMode(scene, scope, 'write_freeze');
    await unchanged(scene, async () =>
      expect(await step(scene, scope)).toEqual({ ok: false, code: 'read_only_required' }),
    );
  });

  it('T-MIG-READ-02 readers keep to the snapshot, whatever the migration adds', async () => {
    await using scene = await openScene();
    const scope = await prepared(scene);
    await step(scene, scope);
    const before = await timeline(scene, as.bob, scope);
    // What the schema's owner may do now alone: the guards make way for the journalled migration.
    expect(await forbidden(scene, addition(scope))).toBe(null);
    expect(await rowsOf(scene, 'core_scopes')).toMatchObject([{ scope_max_seq: 11 }]);
    expect(await rowsOf(scene, 'core_events')).toHaveLength(11);
    await unchanged(scene, async () => {
      expect(await timeline(scene, as.bob, scope)).toEqual(before);
      const read = await call(scene, as.bob, 'core_get_dialog_metadata_v1', { p_scopes: `{${scope}}` });
      expect(read['dialogs']).toMatchObject([{ scope_max_seq: 10, mode: 'read_only' }]);
    });
    expect(await rowsOf(scene, 'core_snapshots')).toMatchObject([{ scope_id: scope, snapshot_seq: 10 }]);
  });

  it('T-MIG-READ-03 a batch that fails leaves nothing of itself', async () => {
    await using scene = await openScene();
    const scope = await prepared(scene);
    await step(scene, scope);
    await step(scene, scope);
    await asReplica(scene, 'DELETE FROM public.core_events WHERE event_seq = 7');
    expect(await step(scene, scope)).toMatchObject({
      ok: false,
      code: 'migration_step_failed',
      step: 'apply',
      checkpoint: 4,
    });
    expect(await hashesLeft(scene)).toEqual([5, 6, 8, 9, 10]);
    expect(await journal(scene)).toMatchObject({ state: 'failed', step: 'apply', checkpoint: 4, in_progress: true });
    expect(await timeline(scene, as.bob, scope)).toMatchObject({ ok: true, scope_max_seq: 10 });
  });

  it('T-MIG-RESUME-01 it goes on from the journal’s checkpoint, after a failure as well', async () => {
    await using scene = await openScene();
    const scope = await prepared(scene);
    await step(scene, scope);
    expect(await step(scene, scope)).toMatchObject({ code: 'migration_applied', from: 1, checkpoint: 4 });
    await using holder = await scene.db.connectAsOwner();
    await holder.script('BEGIN; SELECT 1 FROM public.core_events WHERE event_seq = 6 FOR UPDATE');
    await scene.caller.script("SET lock_timeout = '50ms'");
    expect(await step(scene, scope)).toMatchObject({ code: 'migration_step_failed', checkpoint: 4, sqlstate: '55P03' });
    await holder.script('ROLLBACK');
    expect(await hashesLeft(scene)).toEqual([5, 6, 7, 8, 9, 10]);
    expect(await step(scene, scope)).toMatchObject({ code: 'migration_applied', from: 5, checkpoint: 8 });
    expect(await step(scene, scope)).toMatchObject({ code: 'migration_applied', from: 9, checkpoint: 10 });
    expect(await step(scene, scope)).toMatchObject({ code: 'migration_finished' });
    expect(await hashesLeft(scene)).toEqual([]);
    expect(await rowsOf(scene, 'core_migrations')).toMatchObject([
      { state: 'done', step: 'finished', checkpoint: 10, attempts: 6, in_progress: false },
    ]);
  });

  it('T-MIG-RESUME-02 a backend that dies amid a step leaves the checkpoint, and what follows comes to the same once', async () => {
    await using scene = await openScene();
    const scope = await prepared(scene);
    await step(scene, scope);
    await step(scene, scope);
    await killedAmid(scene, scope);
    expect(await journal(scene)).toMatchObject({ step: 'apply', state: 'running', checkpoint: 4, in_progress: true });
    expect(await hashesLeft(scene)).toEqual([5, 6, 7, 8, 9, 10]);
    const again = { p_key: key() };
    const applied = await step(scene, scope, again);
    expect(applied).toMatchObject({ code: 'migration_applied', from: 5, checkpoint: 8 });
    expect(await step(scene, scope, again), 'the same call once more').toEqual(applied);
    for (let n = 0; n < 2; n += 1) await step(scene, scope);
    const events = await rowsOf(scene, 'core_events');
    expect(await step(scene, scope)).toEqual({ ok: true, code: 'migration_finished', step: 'finished' });
    expect(await rowsOf(scene, 'core_events')).toEqual(events);
    expect(await rowsOf(scene, 'core_migrations')).toMatchObject([{ state: 'done', checkpoint: 10 }]);
    expect(await setMode(scene, scope, 'write_freeze')).toMatchObject({ ok: true });
    await setMode(scene, scope, 'normal', {});
  });
});

/** Ann's group with Bob and ten messages whose hashes are out of date, in read_only_safe. */
async function prepared(scene: Scene): Promise<string> {
  const scope = await group(scene, [as.bob]);
  await fill(scene, scope, 10);
  await asReplica(scene, `UPDATE public.core_events SET payload_hash = ${literal(stale)}`);
  await setMode(scene, scope, 'write_freeze');
  await setMode(scene, scope, 'read_only_safe');
  return scope;
}

async function hashesLeft(scene: Scene): Promise<readonly unknown[]> {
  return (await rowsOf(scene, 'core_events'))
    .filter(({ payload_hash }) => payload_hash === stale)
    .map(({ event_seq }) => event_seq);
}

/** Ends the backend of a step that has done its work and has not committed it. */
async function killedAmid(scene: Scene, scope: string): Promise<void> {
  await using victim = await scene.db.connectAsOwner();
  await victim.script(`BEGIN; ${callOf('core_migration_step_v1', args(scope))}`);
  const { rows } = await scene.owner.query('SELECT pg_terminate_backend($1, 10000) AS ended', [victim.processId]);
  expect(rows).toEqual([{ ended: true }]);
}

function addition(scope: string): string {
  return `INSERT INTO public.core_events
      (scope_id, event_seq, actor_id, command_type, event_idempotency_key, payload, payload_hash, client_ts, classification)
    SELECT scope_id, 11, actor_id, command_type, event_idempotency_key, payload, payload_hash, client_ts, classification
    FROM public.core_events WHERE event_seq = 10;
    UPDATE public.core_scopes SET scope_max_seq = 11 WHERE id = ${literal(scope)}`;
}
