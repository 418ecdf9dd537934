/** What the core does not do, and what it does when others hold what it needs. */

import { describe, expect, it } from 'vitest';
import { race } from '../../../fixtures/act/gate.ts';
import { qualified } from '../../../fixtures/wire/escape.ts';
import { group, message, send } from './acts.ts';
import { as, key, probeOf, replyOf, rowsOf, scenes, unchanged } from './scene.ts';

const openScene = scenes();
const unavailable = { ok: false, code: 'archive_unavailable' };

describe('commands of many', () => {
  it('T-BATCH-01 a batch is not supported, whatever it holds', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await unchanged(scene, async () => {
      for (const payload of [
        {},
        [],
        [{ body: 'one' }, { body: 'two' }],
        { commands: [{ command_type: 'message_send' }] },
      ]) {
        const sent = await send(scene, as.ann, scope, { p_command_type: 'batch', p_payload: payload });
        expect(sent).toEqual({ ok: false, code: 'not_supported' });
      }
      const unknown = await send(scene, as.ann, scope, { p_command_type: 'many' });
      expect(unknown).toEqual({ ok: false, code: 'command_type_invalid' });
    });
    expect(await send(scene, as.ann, scope)).toMatchObject({ ok: true, event_seq: 1 });
    expect(await rowsOf(scene, 'core_events')).toHaveLength(1);
  });
});

describe('contention', () => {
  it.each([
    ['locked', 'BEGIN; LOCK TABLE core.outcomes_archive IN ACCESS EXCLUSIVE MODE', 'ROLLBACK'],
    [
      'detached',
      'ALTER TABLE public.core_outcomes DETACH PARTITION core.outcomes_archive',
      "ALTER TABLE public.core_outcomes ATTACH PARTITION core.outcomes_archive FOR VALUES IN ('archive')",
    ],
  ])(
    'T-CHAOS-01 with the archive %s a new command is refused, for 30 s without asking, and then done once',
    async (_, taken, back) => {
      await using scene = await openScene();
      const scope = await group(scene, []);
      const first = { p_key: key() };
      const done = await send(scene, as.ann, scope, first);
      const sent = { p_key: key() };
      await scene.owner.script(taken);
      expect(await send(scene, as.ann, scope, sent)).toEqual(unavailable);
      expect(await send(scene, as.ann, scope, first), 'the hot tier answers all the same').toEqual(done);
      await scene.owner.script(back);
      const seconds =
        "SELECT extract(epoch FROM open_until - clock_timestamp())::float AS left FROM core.breakers WHERE name = 'archive'";
      const left = Number((await scene.owner.query(seconds)).rows[0]?.['left']);
      expect(left).toBeGreaterThan(20);
      expect(left).toBeLessThanOrEqual(30);
      await unchanged(scene, async () => expect(await send(scene, as.ann, scope, sent)).toEqual(unavailable));
      expect(await rowsOf(scene, 'core_events')).toHaveLength(1);
      await scene.owner.query("UPDATE core.breakers SET open_until = clock_timestamp() - interval '1 second'");
      const late = await send(scene, as.ann, scope, sent);
      expect(late).toMatchObject({ ok: true, event_seq: 2 });
      await unchanged(scene, async () => expect(await send(scene, as.ann, scope, sent)).toEqual(late));
    },
  );

  it('T-CHAOS-01 ten commands, each sent twice at once behind one lock, are done once each', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob]);
    const commands = Array.from({ length: 10 }, (_, n) =>
      probeOf(n % 2 ? as.ann : as.bob, 'core_append_event_v1', message(scope)),
    );
    const probes = [...commands, ...commands];
    const replies = (await race(scene.db, { lock: qualified('public', 'core_projections'), probes })).map(replyOf);
    expect(replies.slice(10)).toEqual(replies.slice(0, 10));
    expect(replies.map(({ code }) => code)).toEqual(Array(20).fill('event_appended'));
    const events = await rowsOf(scene, 'core_events');
    expect(events.map(({ event_seq }) => event_seq)).toEqual(Array.from({ length: 10 }, (_, n) => n + 1));
    const outcomes = (await rowsOf(scene, 'core_outcomes')).filter(
      ({ command_type }) => command_type === 'message_send',
    );
    expect(outcomes).toHaveLength(10);
  });
});
