/** Projections that are written to, read and rebuilt at once: in the end they are what the log says. */

import { describe, expect, it } from 'vitest';
import type { Persona } from '../../../fixtures/model/persona.ts';
import type { Session } from '../../../fixtures/wire/session.ts';
import { fill, group, message } from './acts.ts';
import { faultsOf } from './faults.ts';
import { crowd, crowded, each, rowOf, tally } from './races.ts';
import { as, call, key, probeOf, type Reply, rowsOf, type Scene, scenes } from './scene.ts';

const openScene = scenes();
const append = (persona: Persona, scope: string) => probeOf(persona, 'core_append_event_v1', message(scope));
const acknowledge = (persona: Persona, scope: string, seq: number) =>
  probeOf(persona, 'core_ack_v1', { p_scope: scope, p_delivered_seq: seq, p_read_seq: seq, p_key: key() });
const rebuild = (scope: string, batch: number) =>
  probeOf(as.service, 'core_rebuild_projection_v1', { p_scope: scope, p_batch: batch, p_key: key() });

/** Acknowledges what the timeline shows, again and again: never more than is there, never refused. */
function reading(persona: Persona, scope: string, times: number) {
  return async (caller: Session): Promise<readonly Reply[]> => {
    const replies = [...(await each(caller, [acknowledge(persona, scope, 1)]))];
    for (let n = 0; n < times; n += 1) {
      const [shown] = await each(caller, [probeOf(persona, 'core_query_timeline_v1', { p_scope: scope })]);
      replies.push(...(await each(caller, [acknowledge(persona, scope, Number(shown?.['scope_max_seq']))])));
    }
    return replies;
  };
}

describe('projections at once', () => {
  it('who acknowledges while others append is told what they have read, and never more than there is', async () => {
    await using scene = await openScene();
    const people = await crowd(scene, 12);
    const scope = await group(scene, people);
    await fill(scene, scope, 3);
    const writers = people.slice(0, 8).map((persona) => Array.from({ length: 3 }, () => append(persona, scope)));
    // The last number there can be: acknowledged before it is there, it is refused.
    const early = Array.from({ length: 4 }, () => acknowledge(as.ann, scope, 27));
    const readers = people.slice(8).map((persona) => reading(persona, scope, 4));
    const all = await crowded(scene, rowOf(scope), [...writers, early], ...readers);
    expect(tally(all.slice(0, 8).flat())).toEqual({ event_appended: 24 });
    expect(tally(all.slice(9).flat())).toEqual({ receipt_stored: 20 });
    for (const reply of all[8] ?? [])
      expect(reply).toMatchObject(
        reply.ok ? { last_delivered_seq: 27 } : { code: 'ack_out_of_range', last_contiguous_seq: expect.any(Number) },
      );
    for (const [n, replies] of all.slice(9).entries()) {
      const last = replies.at(-1)?.['last_read_seq'];
      const row = (await rowsOf(scene, 'core_members')).find(({ user_id }) => user_id === people[n + 8]?.user);
      expect(row).toMatchObject({ last_read_seq: last, last_delivered_seq: last });
    }
    expect(await faultsOf(scene)).toEqual([]);
  });

  it.each([2, 7])(
    'rebuilt in batches of %i while others append and read, it is what a fresh rebuild gives, and a count over the log',
    async (batch) => {
      await using scene = await openScene();
      const people = await crowd(scene, 10);
      const scope = await group(scene, people);
      await fill(scene, scope, 30);
      const writers = people.slice(0, 6).map((persona) => Array.from({ length: 4 }, () => append(persona, scope)));
      const readers = people.slice(6).map((persona) => reading(persona, scope, 4));
      const rebuilds = [1, 2].map(() => Array.from({ length: 15 }, () => rebuild(scope, batch)));
      const all = await crowded(scene, rowOf(scope), [...rebuilds, ...writers], ...readers);
      expect(tally(all.slice(2).flat())).toEqual({ event_appended: 24, receipt_stored: 20 });
      for (const replies of all.slice(0, 2))
        expect(
          replies.every(({ ok }) => ok),
          JSON.stringify(replies),
        ).toBe(true);
      await finished(scene, scope, batch);
      expect(await faultsOf(scene)).toEqual([]);
      const live = await rowsOf(scene, 'core_projections');
      expect(live.map(({ last_event_seq, mode }) => `${last_event_seq} ${mode}`)).toEqual(Array(11).fill('54 normal'));
      const fresh = await call(scene, as.service, 'core_rebuild_projection_v1', { p_scope: scope, p_key: key() });
      expect(fresh).toMatchObject({ code: 'projection_rebuilt', watermark_seq: 54 });
      expect(await rowsOf(scene, 'core_projections')).toEqual(live);
    },
  );
});

/** Brings a rebuild to its end where the others left it in the middle. */
async function finished(scene: Scene, scope: string, batch: number): Promise<void> {
  while ((await rowsOf(scene, 'core_migrations')).some(({ in_progress }) => in_progress))
    await each(scene.caller, [rebuild(scope, batch)]);
}
