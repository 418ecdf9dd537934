/** Appending while others append, take out who appends, freeze, purge: what is answered is in the log, and nothing else. */

import { describe, expect, it } from 'vitest';
import { perform } from '../../../fixtures/act/act.ts';
import type { Gate } from '../../../fixtures/act/gate.ts';
import type { Persona } from '../../../fixtures/model/persona.ts';
import type { Probe } from '../../../fixtures/model/probe.ts';
import { qualified } from '../../../fixtures/wire/escape.ts';
import type { Session } from '../../../fixtures/wire/session.ts';
import { fill, group, message, send } from './acts.ts';
import { faultsOf } from './faults.ts';
import { crowd, crowded, each, raced, rowOf, tally } from './races.ts';
import { as, key, probeOf, type Reply, reason, rowsOf, type Scene, scenes, settle } from './scene.ts';
import { age } from './stage.ts';
import { callOf } from './statements.ts';

const openScene = scenes();
const append = (persona: Persona, scope: string) => probeOf(persona, 'core_append_event_v1', message(scope));
const times = <T>(count: number, make: () => T) => Array.from({ length: count }, make);

/** A group of Ann's with 16 others. */
async function full(scene: Scene): Promise<{ readonly scope: string; readonly people: readonly Persona[] }> {
  const people = await crowd(scene, 16);
  return { people, scope: await group(scene, people) };
}

describe('appending at once', () => {
  it('T-SEQ-01 16 appenders of several events each leave no gap, though one of them is taken out meanwhile', async () => {
    await using scene = await openScene();
    const { people, scope } = await full(scene);
    const [gone] = people as [Persona];
    const removal = probeOf(as.ann, 'core_change_membership_v1', {
      ...{ p_scope: scope, p_user: String(gone.user), p_action: 'remove', p_key: key(), ...reason },
    });
    const callers = people.map((persona, n) =>
      n % 4 === 3 ? [inOne(persona, scope)] : times(4, () => append(persona, scope)),
    );
    const [last, ...all] = (await crowded(scene, rowOf(scope), [
      [append(as.ann, scope), removal],
      ...callers,
    ])) as Reply[][];
    expect(last).toMatchObject([{ ok: true }, { code: 'removed' }]);
    const [ofGone = [], ...others] = all.map((replies) => replies.flat());
    const done = ofGone.filter(({ ok }) => ok).length;
    expect(ofGone.map(({ code }) => code)).toEqual([
      ...Array(done).fill('event_appended'),
      ...Array(4 - done).fill('membership_revoked'),
    ]);
    expect(tally(others.flat())).toEqual({ event_appended: 60 });
    const told = [...others.flat(), ...ofGone.slice(0, done), last?.[0] as Reply].map(({ event_seq }) => event_seq);
    const numbers = (await rowsOf(scene, 'core_events')).map(({ event_seq }) => event_seq);
    expect(numbers).toEqual(Array.from({ length: 61 + done }, (_, n) => n + 1));
    expect(told.toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers);
    for (const replies of others) expect(replies.map(({ event_seq }) => event_seq)).toEqual(ascending(replies));
    expect(await rowsOf(scene, 'core_scopes')).toMatchObject([{ scope_max_seq: 61 + done, member_count: 16 }]);
    expect(await faultsOf(scene)).toEqual([]);
  });

  it('after a freeze has answered, nothing more is appended, and whoever was told so has their event', async () => {
    await using scene = await openScene();
    const { people, scope } = await full(scene);
    let atFreeze: unknown;
    const freeze = async (caller: Session) => {
      const args = { p_scope: scope, p_mode: 'write_freeze', p_key: key(), ...reason };
      const replies = await each(caller, [append(as.ann, scope), probeOf(as.service, 'core_set_maintenance_v1', args)]);
      const count = { persona: as.service, sql: 'SELECT count(*) FROM public.core_events' };
      atFreeze = Number((await perform(caller, count)).rows[0]?.[0]);
      return replies;
    };
    const callers = people.map((persona) => times(5, () => append(persona, scope)));
    const all = await crowded(scene, rowOf(scope), callers, freeze);
    expect(all.at(-1)).toMatchObject([{ ok: true }, { code: 'maintenance_set' }]);
    const appends = [...all.slice(0, -1).flat(), all.at(-1)?.[0] as Reply];
    const { event_appended: done = 0, scope_read_only: refused = 0, ...else_ } = tally(appends);
    expect(else_).toEqual({});
    expect(done + refused).toBe(81);
    expect(refused).toBeGreaterThan(0);
    const events = await rowsOf(scene, 'core_events');
    expect(events).toHaveLength(done);
    expect(atFreeze).toBe(done);
    const kept = new Set(events.map(({ event_seq }) => event_seq));
    expect(appends.filter(({ ok }) => ok).every(({ event_seq }) => kept.has(event_seq))).toBe(true);
    expect(await faultsOf(scene)).toEqual([]);
  });

  it('what is appended while others purge stays, without a gap, and what was old goes once', async () => {
    await using scene = await openScene();
    const { people, scope } = await full(scene);
    await fill(scene, scope, 20);
    await age(scene, scope);
    const purge = () => probeOf(as.service, 'core_purge_retention_v1', { p_scope: scope, p_key: key(), p_batch: 3 });
    const callers = people.slice(0, 12).map((persona) => times(3, () => append(persona, scope)));
    const all = await crowded(scene, rowOf(scope), [...times(4, () => times(2, purge)), ...callers]);
    expect(tally(all.slice(4).flat())).toEqual({ event_appended: 36 });
    const purged = all
      .slice(0, 4)
      .flat()
      .reduce((sum, reply) => sum + Number(reply['purged']), 0);
    expect(purged).toBe(20);
    const numbers = (await rowsOf(scene, 'core_events')).map(({ event_seq }) => event_seq);
    expect(numbers).toEqual(Array.from({ length: 36 }, (_, n) => n + 21));
    const journals = await rowsOf(scene, 'core_migrations');
    expect(journals.reduce((sum, { checkpoint }) => sum + Number(checkpoint), 0)).toBe(20);
    expect(journals.reduce((sum, { attempts }) => sum + Number(attempts), 0)).toBe(8);
    expect(await faultsOf(scene)).toEqual([]);
  });
});

describe('a limit', () => {
  it('of five lets five of 16 calls of one actor through that come at once, and none afterwards', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await scene.owner.script(`DELETE FROM public.core_rate_limits;
      CREATE TABLE public.turnstile ();
      GRANT SELECT ON public.turnstile TO authenticated`);
    await settle(scene, { command_actor: 5 });
    const turnstile: Gate = { lock: qualified('public', 'turnstile'), held: 'ACCESS EXCLUSIVE' };
    const waiting = times(16, () => ({ ...append(as.ann, scope), first: ['TABLE public.turnstile'] }));
    expect(tally(await raced(scene, turnstile, waiting))).toEqual({ event_appended: 5, rate_limited: 11 });
    expect(await rowsOf(scene, 'core_events')).toHaveLength(5);
    const counted = (await rowsOf(scene, 'core_rate_limits')).filter(({ bucket }) => bucket === 'command_actor');
    expect(counted).toHaveLength(5);
    expect(await send(scene, as.ann, scope)).toEqual({ ok: false, code: 'rate_limited' });
  });
});

/** Four events in one transaction. */
function inOne(persona: Persona, scope: string): Probe {
  const calls = times(4, () => callOf('core_append_event_v1', message(scope)).replace(/^SELECT (.*) AS reply$/, '$1'));
  return { persona, sql: `SELECT jsonb_build_array(${calls.join(', ')})` };
}

function ascending(replies: readonly Reply[]): readonly unknown[] {
  return replies.map(({ event_seq }) => event_seq).toSorted((a, b) => Number(a) - Number(b));
}
