/** The timeline: who gets it, how much of it, and what it says. */

import { describe, expect, it } from 'vitest';
import { anon, noSub } from '../../../fixtures/act/personas.ts';
import { asReplica, fill, group, remove, send, timeline } from './acts.ts';
import { as, type Reply, rowsOf, run, scenes, settle, unchanged, users } from './scene.ts';

const openScene = scenes();
const seqs = (reply: Reply) => (reply['events'] as readonly { event_seq: number }[]).map(({ event_seq }) => event_seq);

describe('the timeline', () => {
  it('T-QRY-01 of 250 events no limit and a limit of 200 both return exactly 200, and the last number', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob]);
    await fill(scene, scope, 250);
    const first = Array.from({ length: 200 }, (_, n) => n + 1);
    for (const over of [{}, { p_limit: 200 }, { p_limit: null }]) {
      const reply = await timeline(scene, as.bob, scope, over);
      expect(reply).toMatchObject({ ok: true, code: 'timeline', scope_max_seq: 250, has_more: true });
      expect(seqs(reply)).toEqual(first);
    }
    const rest = await timeline(scene, as.bob, scope, { p_after_seq: 200 });
    expect(rest).toMatchObject({ scope_max_seq: 250, has_more: false });
    expect(seqs(rest)).toEqual(Array.from({ length: 50 }, (_, n) => n + 201));
    for (const p_after_seq of [250, '9223372036854775807'])
      expect(await timeline(scene, as.bob, scope, { p_after_seq })).toMatchObject({ events: [], has_more: false });
    expect(seqs(await timeline(scene, as.bob, scope, { p_after_seq: -7, p_limit: 2 }))).toEqual([1, 2]);
    expect(await rowsOf(scene, 'core_events')).toHaveLength(250);
  });

  it('T-QRY-01 members alone get it: by the call and from the tables', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob, as.cat]);
    await send(scene, as.ann, scope);
    await remove(scene, scope, users.cat);
    const tables = ['core_scopes', 'core_members', 'core_policies', 'core_projections', 'core_projection_watermarks'];
    const counted = [...tables, 'core_events'].map((table) => `(SELECT count(*) FROM public.${table})`);
    const count = `SELECT ${counted.join(' + ')}`;
    await unchanged(scene, async () => {
      expect(await timeline(scene, as.bob, scope)).toMatchObject({ code: 'timeline' });
      expect(await timeline(scene, as.cat, scope)).toEqual({ ok: false, code: 'membership_revoked' });
      expect(await timeline(scene, as.dan, scope)).toEqual({ ok: false, code: 'scope_not_found' });
      expect(await timeline(scene, noSub(), scope)).toEqual({ ok: false, code: 'unauthenticated' });
      expect(await timeline(scene, anon(), scope)).toEqual({ sqlstate: '42501' });
      expect((await run(scene, as.bob, count)).rows).toEqual([['8']]);
      for (const outsider of [as.cat, as.dan]) expect((await run(scene, outsider, count)).rows).toEqual([['0']]);
      expect((await run(scene, as.bob, 'SELECT payload FROM public.core_events')).error).toMatchObject({
        sqlstate: '42501',
      });
    });
  });

  it('T-QRY-THR-01 a limit over 200 is refused, never cut', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await fill(scene, scope, 3);
    await unchanged(scene, async () => {
      expect(await timeline(scene, as.ann, scope, { p_limit: 201 })).toEqual({
        ok: false,
        code: 'limit_exceeded',
        limit: 200,
      });
      expect(await timeline(scene, as.ann, scope, { p_limit: 0 })).toEqual({ ok: false, code: 'limit_invalid' });
    });
    expect(seqs(await timeline(scene, as.ann, scope, { p_limit: 2 }))).toEqual([1, 2]);
    expect(await rowsOf(scene, 'core_events')).toHaveLength(3);
  });

  it('T-QRY-THR-02 a lookback over 30 days is refused; within it, older events are not told', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await fill(scene, scope, 3);
    await asReplica(
      scene,
      `UPDATE public.core_events SET server_time = now() - interval '10 days' WHERE event_seq = 1`,
    );
    await unchanged(scene, async () => {
      expect(await timeline(scene, as.ann, scope, { p_lookback_days: 31 })).toEqual({
        ok: false,
        code: 'lookback_exceeded',
        lookback_days: 30,
      });
      expect(seqs(await timeline(scene, as.ann, scope, { p_lookback_days: 30 }))).toEqual([1, 2, 3]);
      expect(seqs(await timeline(scene, as.ann, scope, { p_lookback_days: 9 }))).toEqual([2, 3]);
    });
  });

  it.each([
    ['timeline_actor', 'rate_limited'],
    ['timeline_device', 'timeline'],
  ])(
    'the third call is refused where %s is two, whatever the scope; from another device it is answered %s',
    async (limit, other) => {
      await using scene = await openScene();
      const scopes = [await group(scene, []), await group(scene, []), await group(scene, [])];
      await settle(scene, { [limit]: 2 });
      const from = async (device: string, of: readonly string[]) => {
        const codes = [];
        for (const scope of of) codes.push((await timeline(scene, as.ann, scope, { p_device_id: device })).code);
        return codes;
      };
      await unchanged(scene, async () => {
        expect(await from('phone', scopes)).toEqual(['timeline', 'timeline', 'rate_limited']);
        expect(await from('desk', scopes.slice(0, 1))).toEqual([other]);
      });
      const slots = (await rowsOf(scene, 'core_rate_limits')).filter(({ bucket }) => bucket === limit);
      expect(slots).toHaveLength(limit === 'timeline_device' ? 3 : 2);
    },
  );

  it('T-QRY-01 the rate of an actor in a scope is limited, and a store that is down stops no read', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await fill(scene, scope, 1);
    await settle(scene, { timeline_scope: 2 });
    const codes = [];
    for (let n = 0; n < 3; n += 1) codes.push((await timeline(scene, as.ann, scope)).code);
    expect(codes).toEqual(['timeline', 'timeline', 'rate_limited']);
    expect((await rowsOf(scene, 'core_rate_limits')).filter(({ bucket }) => bucket === 'timeline_scope')).toHaveLength(
      2,
    );
    await scene.owner.script('BEGIN; LOCK TABLE public.core_rate_limits IN ACCESS EXCLUSIVE MODE');
    expect(await timeline(scene, as.ann, scope)).toMatchObject({ code: 'timeline', scope_max_seq: 1 });
    expect(await send(scene, as.ann, scope)).toEqual({ ok: false, code: 'rate_limit_unavailable' });
    await scene.owner.script('ROLLBACK');
    expect(await rowsOf(scene, 'core_events')).toHaveLength(1);
  });
});
