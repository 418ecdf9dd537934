/** What a call does while its limiter, the archive or the breaker is out of reach, or while it holds their last slot. */

import { describe, expect, it } from 'vitest';
import { perform } from '../../../fixtures/act/act.ts';
import type { Session } from '../../../fixtures/wire/session.ts';
import { group, message, send, timeline } from './acts.ts';
import { as, call, key, probeOf, replyOf, rowsOf, type Scene, scenes, settle, unchanged } from './scene.ts';
import { callOf } from './statements.ts';

const openScene = scenes();
const uncounted = { ok: false, code: 'rate_limit_unavailable' };
const unavailable = { ok: false, code: 'archive_unavailable' };

describe('the limiter', () => {
  it.each([
    ['locked', 'BEGIN; LOCK TABLE public.core_rate_limits IN ACCESS EXCLUSIVE MODE', 'ROLLBACK'],
    [
      'renamed',
      'ALTER TABLE public.core_rate_limits RENAME TO gone',
      'ALTER TABLE public.gone RENAME TO core_rate_limits',
    ],
    [
      'without its column',
      'ALTER TABLE public.core_rate_limits RENAME called_at TO gone',
      'ALTER TABLE public.core_rate_limits RENAME gone TO called_at',
    ],
  ])('with its store %s no command is done, and reads go on', async (_, taken, back) => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await send(scene, as.ann, scope);
    await scene.owner.script(taken);
    const told = [
      await send(scene, as.ann, scope),
      await call(scene, as.ann, 'core_report_missing_v1', { p_scope: scope, p_ranges: [[1, 1]], p_key: key() }),
      await call(scene, as.service, 'core_expire_invites_v1', { p_key: key() }),
    ];
    const read = await timeline(scene, as.ann, scope);
    await scene.owner.script(back);
    expect(told).toEqual([uncounted, uncounted, uncounted]);
    expect(read).toMatchObject({ ok: true, scope_max_seq: 1 });
    expect(await rowsOf(scene, 'core_events')).toHaveLength(1);
    expect(await rowsOf(scene, 'core_members')).toMatchObject([{ missing_from_seq: null }]);
  });

  it('a call that is under way counts for its actor, nobody waits for it, and undone it counts no longer', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await scene.owner.query('DELETE FROM public.core_rate_limits');
    await settle(scene, { command_actor: 1 });
    await using first = await underWay(scene, scope);
    await scene.caller.script("SET lock_timeout = '1s'");
    expect(await send(scene, as.ann, scope)).toEqual({ ok: false, code: 'rate_limited' });
    await first.script('ROLLBACK');
    expect(await send(scene, as.ann, scope)).toMatchObject({ ok: true, event_seq: 1 });
    expect(await send(scene, as.ann, scope)).toEqual({ ok: false, code: 'rate_limited' });
    expect(await rowsOf(scene, 'core_events')).toHaveLength(1);
  });

  it('a minute after its last use a slot is used again, and one that a purge took is made again', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await scene.owner.query('DELETE FROM public.core_rate_limits');
    await settle(scene, { command_actor: 3 });
    for (let n = 0; n < 3; n += 1) await send(scene, as.ann, scope);
    await scene.owner.query('DELETE FROM public.core_rate_limits WHERE slot = 1');
    expect(await send(scene, as.ann, scope)).toMatchObject({ ok: true });
    expect(await send(scene, as.ann, scope)).toEqual({ ok: false, code: 'rate_limited' });
    await scene.owner.query(
      "UPDATE public.core_rate_limits SET called_at = clock_timestamp() - interval '1 minute' WHERE slot = 2",
    );
    expect(await send(scene, as.ann, scope)).toMatchObject({ ok: true });
    expect(await send(scene, as.ann, scope)).toEqual({ ok: false, code: 'rate_limited' });
    const slots = (await rowsOf(scene, 'core_rate_limits')).filter(({ bucket }) => bucket === 'command_actor');
    expect(slots.map(({ slot }) => slot).toSorted()).toEqual([0, 1, 2]);
    expect(await rowsOf(scene, 'core_events')).toHaveLength(5);
  });

  it('a call that one rate refuses takes nothing of another', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await scene.owner.query('DELETE FROM public.core_rate_limits');
    await settle(scene, { command_device: 0 });
    expect(await send(scene, as.ann, scope)).toEqual({ ok: false, code: 'rate_limited' });
    expect(await rowsOf(scene, 'core_rate_limits')).toEqual([]);
  });
});

describe('the archive', () => {
  it('T-CHAOS-01 being detached: replays are answered, new commands refused, and the breaker opens', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const sent = { p_key: key() };
    const done = await send(scene, as.ann, scope, sent);
    await scene.caller.script("SET lock_timeout = '1s'");
    await scene.owner.script('BEGIN; ALTER TABLE public.core_outcomes DETACH PARTITION core.outcomes_archive');
    const told = [await send(scene, as.ann, scope, sent), await send(scene, as.ann, scope)];
    await scene.owner.script('ROLLBACK');
    expect(told).toEqual([done, unavailable]);
    expect(await isOpen(scene)).toBe(true);
    expect(await rowsOf(scene, 'core_events')).toHaveLength(1);
  });

  it('T-CHAOS-01 half detached, as CONCURRENTLY leaves it: new commands are refused, and the breaker opens', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await using reader = await scene.db.connectAsOwner();
    await reader.script('BEGIN; TABLE public.core_outcomes');
    await scene.owner.script("SET lock_timeout = '100ms'");
    const stopped = await scene.owner.observe(
      'ALTER TABLE public.core_outcomes DETACH PARTITION core.outcomes_archive CONCURRENTLY',
    );
    expect(stopped.error).toMatchObject({ sqlstate: '55P03' });
    await reader.script('ROLLBACK');
    expect(await send(scene, as.ann, scope)).toEqual(unavailable);
    expect(await isOpen(scene)).toBe(true);
    expect(await rowsOf(scene, 'core_events')).toEqual([]);
  });

  it('T-CHAOS-01 who cannot write the breaker, since another holds it, refuses without it', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await using other = await scene.db.connectAsOwner();
    await other.script('BEGIN; SELECT 1 FROM core.breakers FOR UPDATE');
    await scene.caller.script("SET lock_timeout = '1s'");
    await scene.owner.script('BEGIN; LOCK TABLE core.outcomes_archive IN ACCESS EXCLUSIVE MODE');
    const told = await send(scene, as.ann, scope);
    await scene.owner.script('ROLLBACK');
    await other.script('ROLLBACK');
    expect(told).toEqual(unavailable);
    expect(await isOpen(scene)).toBe(false);
    expect(await rowsOf(scene, 'core_events')).toEqual([]);
  });
});

describe('the clock', () => {
  it.each([-1, 1])('of a client may be off by exactly 300,000 ms, %i way', async (way) => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const { sql } = probeOf(as.ann, 'core_append_event_v1', message(scope, { p_client_ts: 'CLOCK' }));
    const at = (ms: number) => sql.replace("'CLOCK'", `statement_timestamp() + interval '${way * ms} milliseconds'`);
    await unchanged(scene, async () =>
      expect(replyOf(await perform(scene.caller, { persona: as.ann, sql: at(300_001) }))).toMatchObject({
        code: 'clock_skew',
        skew_hint: way * 300_001,
      }),
    );
    const done = replyOf(await perform(scene.caller, { persona: as.ann, sql: at(300_000) }));
    expect(done).toMatchObject({ ok: true, event_seq: 1 });
    expect(await rowsOf(scene, 'core_events')).toHaveLength(1);
  });
});

/** A session of the owner in which Ann has sent a message and not yet committed it. */
async function underWay(scene: Scene, scope: string): Promise<Session> {
  const session = await scene.db.connectAsOwner();
  for (const { name, value } of as.ann.settings) await session.query('SELECT set_config($1, $2, false)', [name, value]);
  await session.script(`BEGIN; ${callOf('core_append_event_v1', message(scope))}`);
  return session;
}

async function isOpen(scene: Scene): Promise<unknown> {
  const { rows } = await scene.owner.query('SELECT open_until > clock_timestamp() AS open FROM core.breakers');
  return rows[0]?.['open'];
}
