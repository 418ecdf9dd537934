/** Numbers without gaps, and what a client does who lacks some of them. */

import { describe, expect, it } from 'vitest';
import type { Persona } from '../../../fixtures/model/persona.ts';
import { ack, fill, group, send } from './acts.ts';
import { as, call, forbidden, key, rowsOf, type Scene, scenes, settle, unchanged, users } from './scene.ts';
import type { Value } from './statements.ts';

const openScene = scenes();
const report = (scene: Scene, persona: Persona, scope: string, ranges: Value) =>
  call(scene, persona, 'core_report_missing_v1', { p_scope: scope, p_ranges: ranges, p_key: key() });

describe('sequence numbers', () => {
  it('T-SEQ-01 no statement of the owner leaves a gap or takes a number twice', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await send(scene, as.ann, scope);
    const copy = (seq: string) => `INSERT INTO public.core_events
      (scope_id, event_seq, actor_id, command_type, event_idempotency_key, payload, payload_hash, client_ts, classification)
      SELECT scope_id, ${seq}, actor_id, command_type, event_idempotency_key, payload, payload_hash, clock_timestamp(), classification FROM public.core_events`;
    await unchanged(scene, async () => {
      expect(await forbidden(scene, copy('event_seq + 1'))).toBe('guard_event_seq');
      expect(await forbidden(scene, copy('event_seq + 5'))).toBe('guard_event_seq');
      expect(await forbidden(scene, 'UPDATE public.core_scopes SET scope_max_seq = 7')).toBe('guard_scope_seq_rises');
      expect(await forbidden(scene, 'UPDATE public.core_scopes SET scope_max_seq = 0')).toBe('guard_scope_seq_rises');
      expect(await forbidden(scene, 'UPDATE public.core_scopes SET scope_max_seq = 2')).toBe('guard_scope_seq_taken');
    });
  });

  it('T-SEQ-02 missing ranges are offered again, and what cannot be missing is refused', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob]);
    await fill(scene, scope, 12);
    expect(
      await report(scene, as.bob, scope, [
        [3, 4],
        [7, 9],
      ]),
    ).toEqual({
      ok: true,
      code: 'resync_offered',
      batches: [
        { after_seq: 2, limit: 2, available: 2 },
        { after_seq: 6, limit: 3, available: 3 },
      ],
      more: false,
    });
    expect(await missingOf(scene, users.bob)).toBe(3);
    await unchanged(scene, async () => {
      expect(await report(scene, as.bob, scope, [[10, 13]])).toEqual({
        ok: false,
        code: 'ranges_unrealistic',
        scope_max_seq: 12,
      });
      for (const ranges of [
        null,
        {},
        [[0, 1]],
        [[4, 3]],
        [
          [5, 6],
          [6, 7],
        ],
        [[1, 2, 3]],
        [['1', '2']],
        [[1.5, 2]],
        JSON.parse(`[${'['.repeat(1000)}${']'.repeat(1000)}]`),
      ]) {
        expect(await report(scene, as.bob, scope, ranges), JSON.stringify(ranges)).toMatchObject({
          code: 'ranges_invalid',
        });
      }
      expect(await report(scene, as.dan, scope, [[1, 2]])).toEqual({ ok: false, code: 'scope_not_found' });
    });
    expect(await report(scene, as.bob, scope, [])).toMatchObject({ ok: true, code: 'nothing_missing' });
    expect(await missingOf(scene, users.bob)).toBe(null);
  });

  it('T-SEQ-02 reports are limited by themselves, and one beyond the limit moves nothing', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob]);
    await fill(scene, scope, 3);
    await settle(scene, { report_actor: 2 });
    for (const from of [3, 2]) expect(await report(scene, as.bob, scope, [[from, 3]])).toMatchObject({ ok: true });
    await unchanged(scene, async () =>
      expect(await report(scene, as.bob, scope, [[1, 3]])).toEqual({ ok: false, code: 'rate_limited' }),
    );
    expect(await missingOf(scene, users.bob)).toBe(2);
    expect(await send(scene, as.bob, scope), 'other commands go on').toMatchObject({ ok: true });
  });

  it('T-SEQ-03 a resync comes in batches of 200, ten at a time, for 20 ranges at most', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob]);
    await fill(scene, scope, 2500);
    const offered = await report(scene, as.bob, scope, [[1, 2500]]);
    expect(offered).toMatchObject({ ok: true, more: true });
    expect(offered['batches']).toEqual(
      Array.from({ length: 10 }, (_, n) => ({ after_seq: n * 200, limit: 200, available: 200 })),
    );
    expect(await missingOf(scene, users.bob)).toBe(1);
    const many = Array.from({ length: 21 }, (_, n) => [n * 2 + 1, n * 2 + 1]);
    await unchanged(scene, async () => {
      expect(await report(scene, as.bob, scope, many)).toEqual({ ok: false, code: 'ranges_exceeded', ranges: 20 });
    });
    expect(await report(scene, as.bob, scope, many.slice(1))).toMatchObject({ ok: true, more: true });
  });

  it('T-SEQ-04 an acknowledgement never passes the last contiguous number', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob]);
    await fill(scene, scope, 5);
    await unchanged(scene, async () => {
      expect(await ack(scene, as.bob, scope, 6, 1)).toEqual({
        ok: false,
        code: 'ack_out_of_range',
        last_contiguous_seq: 5,
      });
      expect(await ack(scene, as.bob, scope, 2, 3)).toEqual({ ok: false, code: 'ack_invalid' });
      expect(await ack(scene, as.bob, scope, null, null)).toEqual({ ok: false, code: 'ack_invalid' });
      expect(await ack(scene, as.dan, scope, 1, 1)).toEqual({ ok: false, code: 'scope_not_found' });
    });
    expect(await ack(scene, as.bob, scope, 4, 2)).toMatchObject({ ok: true, last_delivered_seq: 4, last_read_seq: 2 });
    await report(scene, as.bob, scope, [[5, 5]]);
    expect(await ack(scene, as.bob, scope, 5, 2)).toMatchObject({ code: 'ack_out_of_range', last_contiguous_seq: 4 });
    await report(scene, as.bob, scope, []);
    expect(await ack(scene, as.bob, scope, 5, 5)).toMatchObject({ ok: true, last_delivered_seq: 5, last_read_seq: 5 });
    expect(await ack(scene, as.bob, scope, 1, 1), 'a late one takes nothing back').toMatchObject({ last_read_seq: 5 });
    expect(await memberOf(scene, users.bob)).toMatchObject({ last_delivered_seq: 5, last_read_seq: 5 });
    await unchanged(scene, async () => {
      expect(await forbidden(scene, 'UPDATE public.core_members SET last_delivered_seq = 99')).toBe('guard_receipts');
      expect(
        await forbidden(scene, `UPDATE public.core_members SET last_read_seq = 1 WHERE user_id = '${users.bob}'`),
      ).toBe('guard_receipts');
    });
  });
});

async function memberOf(scene: Scene, user: string) {
  return (await rowsOf(scene, 'core_members')).find(({ user_id }) => user_id === user);
}

async function missingOf(scene: Scene, user: string): Promise<unknown> {
  return (await memberOf(scene, user))?.['missing_from_seq'];
}
