/** The same command twice: one effect, one outcome, from whichever tier. */

import { describe, expect, it } from 'vitest';
import type { Persona } from '../../../fixtures/model/persona.ts';
import { create, group, send } from './acts.ts';
import { as, call, forbidden, key, rowsOf, type Scene, scenes, unchanged, users } from './scene.ts';

const openScene = scenes();
const status = (scene: Scene, persona: Persona, scope: string | null, command: string, of: string) =>
  call(scene, persona, 'core_command_status_v1', { p_scope: scope, p_command_type: command, p_key: of });

describe('idempotency', () => {
  it('T-IDEMP-02 a replay returns the stored outcome and appends nothing', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const sent = { p_key: key(), p_payload: { body: 'once', n: 1 } };
    const first = await send(scene, as.ann, scope, sent);
    expect(first).toMatchObject({ ok: true, code: 'event_appended', event_seq: 1 });
    await unchanged(scene, async () => {
      expect(await send(scene, as.ann, scope, sent)).toEqual(first);
      const said = { p_key: sent.p_key.toUpperCase(), p_payload: { n: 1.0, body: 'once' } };
      expect(await send(scene, as.ann, scope, said), 'the key in capitals, the payload in another order').toEqual(
        first,
      );
    });
    expect(await rowsOf(scene, 'core_events')).toMatchObject([{ event_seq: 1, event_idempotency_key: sent.p_key }]);
    expect(
      (await rowsOf(scene, 'core_outcomes')).filter(({ command_type }) => command_type === 'message_send'),
    ).toEqual([
      expect.objectContaining({
        tier: 'hot',
        actor_id: users.ann,
        scope_id: scope,
        outcome: first,
        code: 'event_appended',
      }),
    ]);
  });

  it('T-IDEMP-02 the creation of a scope is repeatable, too', async () => {
    await using scene = await openScene();
    const over = { p_key: '01arz3ndektsv4rrffq69g5fav' };
    const first = await create(scene, as.ann, over);
    await unchanged(scene, async () => {
      expect(await create(scene, as.ann, { p_key: over.p_key.toUpperCase() })).toEqual(first);
    });
    expect(await rowsOf(scene, 'core_outcomes')).toMatchObject([{ event_idempotency_key: over.p_key.toUpperCase() }]);
  });

  it('T-IDEMP-03 another key is another outcome', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob]);
    const shared = key();
    expect(await send(scene, as.ann, scope, { p_key: shared })).toMatchObject({ event_seq: 1 });
    expect(await send(scene, as.ann, scope)).toMatchObject({ event_seq: 2 });
    expect(await send(scene, as.bob, scope, { p_key: shared }), 'the same key of somebody else').toMatchObject({
      event_seq: 3,
    });
    const outcomes = (await rowsOf(scene, 'core_outcomes')).filter(
      ({ command_type }) => command_type === 'message_send',
    );
    expect(
      new Set(outcomes.map(({ actor_id, event_idempotency_key }) => `${actor_id} ${event_idempotency_key}`)).size,
    ).toBe(3);
    expect(await rowsOf(scene, 'core_events')).toHaveLength(3);
  });

  it.each([null, '', 'anything', '8zzzzzzzzzzzzzzzzzzzzzzzzz'])(
    'T-IDEMP-03 without a proper key (%j) nothing is done',
    async (none) => {
      await using scene = await openScene();
      const scope = await group(scene, []);
      await unchanged(scene, async () => {
        expect(await send(scene, as.ann, scope, { p_key: none })).toEqual({ ok: false, code: 'invalid_key' });
        expect(await create(scene, as.ann, { p_key: none })).toEqual({ ok: false, code: 'invalid_key' });
      });
    },
  );

  it('T-IDEMP-04 a retry long after the time-out finds the archived outcome, by the status call', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const args = { p_key: key() };
    const first = await send(scene, as.ann, scope, args);
    await archiveAll(scene);
    expect(await rowsOf(scene, 'core.outcomes_hot')).toMatchObject([{ command_type: 'archive_outcomes' }]);
    await unchanged(scene, async () => {
      const refused = { ok: false, code: 'outcome_archived_check_required' };
      expect(await send(scene, as.ann, scope, args)).toEqual(refused);
      expect(await status(scene, as.ann, scope, 'message_send', args.p_key)).toMatchObject({
        ok: true,
        code: 'outcome_found',
        tier: 'archive',
        outcome: first,
      });
      expect(await status(scene, as.bob, scope, 'message_send', args.p_key)).toEqual({
        ok: false,
        code: 'outcome_not_found',
      });
    });
    expect(await rowsOf(scene, 'core_events')).toHaveLength(1);
  });

  it('T-IDEMP-04 what is in neither tier is executed, and its status is told from the hot one', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const args = { p_key: key() };
    expect(await status(scene, as.ann, scope, 'message_send', args.p_key)).toEqual({
      ok: false,
      code: 'outcome_not_found',
    });
    const first = await send(scene, as.ann, scope, args);
    expect(await status(scene, as.ann, scope, 'message_send', args.p_key)).toMatchObject({
      tier: 'hot',
      outcome: first,
    });
    expect(await rowsOf(scene, 'core_events')).toHaveLength(1);
  });

  it('T-IDEMP-PAYLOAD the same key with another payload is refused', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const args = { p_key: key(), p_payload: { body: 'one' } };
    await send(scene, as.ann, scope, args);
    await unchanged(scene, async () => {
      for (const payload of [{ body: 'two' }, {}, { body: 'one', more: null }]) {
        expect(await send(scene, as.ann, scope, { ...args, p_payload: payload })).toEqual({
          ok: false,
          code: 'payload_hash_mismatch',
        });
      }
    });
  });

  it('T-IDEMP-03 the table holds one outcome an identity, and no outcome goes', async () => {
    await using scene = await openScene();
    await create(scene, as.ann);
    const copy = `INSERT INTO public.core_outcomes (actor_id, scope_id, command_type, event_idempotency_key, outcome, code, payload_hash)
      SELECT actor_id, scope_id, command_type, event_idempotency_key, '{}', 'x', payload_hash FROM public.core_outcomes`;
    await unchanged(scene, async () => {
      expect(await forbidden(scene, copy)).toMatch(/identity|outcomes_hot/);
      expect(await forbidden(scene, 'DELETE FROM public.core_outcomes')).toBe('guard_outcomes_kept');
      expect(await forbidden(scene, 'TRUNCATE public.core_outcomes')).toBe('guard_outcomes_not_emptied');
    });
  });
});

/** Makes every hot outcome old and lets the service archive them. */
async function archiveAll(scene: Scene): Promise<void> {
  await scene.owner.query(
    "UPDATE public.core_outcomes SET created_at = now() - interval '731 days' WHERE tier = 'hot'",
  );
  const moved = await call(scene, as.service, 'core_archive_outcomes_v1', { p_key: key() });
  expect(moved).toMatchObject({ ok: true, code: 'outcomes_archived' });
}
