/** The same command from many sides at once, in other words and with other contents: one effect, one outcome. */

import { describe, expect, it } from 'vitest';
import { literal, qualified } from '../../../fixtures/wire/escape.ts';
import type { Session } from '../../../fixtures/wire/session.ts';
import { group, message, send } from './acts.ts';
import { faultsOf } from './faults.ts';
import { beginning, crowded, each, raced, tally } from './races.ts';
import { as, call, key, probeOf, replyOf, rowsOf, run, type Scene, scenes, unchanged, users } from './scene.ts';
import { age } from './stage.ts';
import type { Arguments } from './statements.ts';

const openScene = scenes();
const dm = 'core_create_or_get_dm_v1';
const append = 'core_append_event_v1';
const outcomesOf = async (scene: Scene, command: string) =>
  (await rowsOf(scene, 'core_outcomes')).filter(({ command_type }) => command_type === command);

describe('one pair', () => {
  const shared = { ann: key(), bob: key() };
  it.each([
    ['without keys', 0, () => ({})],
    ['each with a key of its own', 20, () => ({ p_key: key() })],
    ['each side with one key', 2, (side: 'ann' | 'bob') => ({ p_key: shared[side] })],
    ['one side with keys', 10, (side: 'ann' | 'bob') => (side === 'ann' ? { p_key: key() } : {})],
  ] as const)('T-DM-02 20 at once, of both sides, %s, make one scope that everybody gets', async (_, stored, keyed) => {
    await using scene = await openScene();
    const probes = Array.from({ length: 20 }, (__, n) =>
      n % 2 === 0
        ? probeOf(as.ann, dm, { p_other_user: users.bob, ...keyed('ann') })
        : probeOf(as.bob, dm, { p_other_user: users.ann, ...keyed('bob') }),
    );
    const replies = await raced(scene, { lock: qualified('public', 'core_scopes') }, probes);
    const scopes = await rowsOf(scene, 'core_scopes');
    expect(scopes).toMatchObject([{ scope_type: 'dm', member_count: 2 }]);
    expect(replies.map(({ scope_id }) => scope_id)).toEqual(Array(20).fill(scopes[0]?.['id']));
    // A repeated call says again what the first of its key was told.
    const made = replies.filter(({ code }) => code === 'dm_created');
    expect(made).toHaveLength(stored === 2 ? 10 : 1);
    expect(tally(replies)).toEqual({ dm_created: made.length, dm_exists: 20 - made.length });
    expect((await rowsOf(scene, 'core_members')).map(({ user_id }) => user_id)).toEqual([users.ann, users.bob]);
    expect(await outcomesOf(scene, 'create_dm')).toHaveLength(stored);
    expect(await faultsOf(scene)).toEqual([]);
  });
});

describe('one identity', () => {
  it.each([
    ['message_send', append, (scope: string) => message(scope), { p_payload: { body: 'another' } }],
    ['invite', 'core_invite_v1', (scope: string) => ({ p_scope: scope, p_user: users.cat }), { p_user: users.dan }],
    [
      'report_missing',
      'core_report_missing_v1',
      (scope: string) => ({ p_scope: scope, p_ranges: [[1, 1]] }),
      { p_ranges: [] },
    ],
  ] as [string, string, (scope: string) => Arguments, Arguments][])(
    'T-IDEMP-PAYLOAD of one key with two payloads at once (%s), eight times each, one is done and the other refused',
    async (command, routine, args, other) => {
      await using scene = await openScene();
      const scope = await group(scene, [as.bob]);
      await send(scene, as.bob, scope);
      const [events, invites] = [await rowsOf(scene, 'core_events'), await rowsOf(scene, 'core_invites')];
      const one = { ...args(scope), p_key: key() };
      const probes = Array.from({ length: 16 }, (_, n) => probeOf(as.ann, routine, n % 2 ? one : { ...one, ...other }));
      const replies = await raced(scene, beginning, probes);
      const first = replies.filter(({ ok }) => ok);
      expect(first).toEqual(Array(8).fill(first[0]));
      expect(tally(replies)).toEqual({ [String(first[0]?.code)]: 8, payload_hash_mismatch: 8 });
      const winners = new Set(replies.flatMap(({ ok }, n) => (ok ? [n % 2] : [])));
      expect(winners.size, 'one payload').toBe(1);
      expect(await outcomesOf(scene, command)).toContainEqual(expect.objectContaining({ outcome: first[0] }));
      const made = (await rowsOf(scene, 'core_events')).length - events.length;
      expect(made).toBe(command === 'message_send' ? 1 : 0);
      expect((await rowsOf(scene, 'core_invites')).length - invites.length).toBe(command === 'invite' ? 1 : 0);
      expect(await faultsOf(scene)).toEqual([]);
    },
  );

  it.each([
    ['a UUID', 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d'],
    ['a ULID', '01arz3ndektsv4rrffq69g5fav'],
  ])('%s said in small letters, in capitals and in both at once is one key', async (_, said) => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const words = [said, said.toUpperCase(), said.toUpperCase().slice(0, 9) + said.slice(9)];
    const probes = Array.from({ length: 18 }, (__, n) =>
      probeOf(as.ann, append, message(scope, { p_key: words[n % 3] ?? said })),
    );
    const replies = await raced(scene, beginning, probes);
    expect(replies).toEqual(Array(18).fill(replies[0]));
    expect(replies[0]).toMatchObject({ code: 'event_appended', event_seq: 1 });
    expect(await rowsOf(scene, 'core_events')).toHaveLength(1);
    expect(await outcomesOf(scene, 'message_send')).toHaveLength(1);
  });

  it('retries under a stricter isolation end with the outcome or with nothing, and never do it twice', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const probe = probeOf(as.ann, append, message(scope));
    const under = (level: string) => async (caller: Session) => {
      await caller.script(`SET default_transaction_isolation = ${literal(level)}`);
      return await each(caller, [probe]);
    };
    const strict = ['repeatable read', 'serializable'].flatMap((level) => Array(4).fill(under(level)));
    const replies = (await crowded(scene, beginning, [[probe], [probe]], ...strict)).flat();
    const done = replies.filter(({ ok }) => ok);
    expect(done.length).toBeGreaterThan(0);
    expect(done).toEqual(Array(done.length).fill(done[0]));
    for (const { sqlstate } of replies.filter(({ ok }) => !ok)) expect(sqlstate).toMatch(/^(40001|23505)$/);
    expect(await rowsOf(scene, 'core_events')).toHaveLength(1);
    expect(await outcomesOf(scene, 'message_send')).toHaveLength(1);
    expect(replyOf(await run(scene, as.ann, probe.sql)), 'asked once more').toEqual(done[0]);
  });

  it('while outcomes move into the archive, each is found by its retry in one of both tiers', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const sent = Array.from({ length: 12 }, () => message(scope));
    const first = await each(
      scene.caller,
      sent.map((args) => probeOf(as.ann, append, args)),
    );
    await age(scene, scope);
    const old = await rowsOf(scene, 'core_outcomes');
    const move = () => probeOf(as.service, 'core_archive_outcomes_v1', { p_key: key(), p_batch: 3 });
    const movers = Array.from({ length: 3 }, () => Array.from({ length: 3 }, move));
    const retries = sent.map((args) => Array.from({ length: 3 }, () => probeOf(as.ann, append, args)));
    const events = await rowsOf(scene, 'core_events');
    const all = await crowded(scene, beginning, [...movers, ...retries]);
    for (const [n, replies] of all.slice(3).entries()) {
      const codes = replies.map(({ code }) => code);
      expect(codes.toSorted(), 'first from the hot tier, then from the archive').toEqual(codes);
      for (const reply of replies)
        expect([first[n], { ok: false, code: 'outcome_archived_check_required' }]).toContainEqual(reply);
    }
    expect(await rowsOf(scene, 'core_events')).toEqual(events);
    const moved = all
      .slice(0, 3)
      .flat()
      .reduce((sum, reply) => sum + Number(reply['archived']), 0);
    expect(moved).toBe(old.length);
    const archived = await rowsOf(scene, 'core.outcomes_archive');
    expect(archived.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(old.map(({ outcome }) => outcome)));
    expect(archived).toHaveLength(old.length);
    expect(await outcomesOf(scene, 'message_send')).toHaveLength(12);
    await unchanged(scene, async () => {
      const asked = { p_scope: scope, p_command_type: 'message_send', p_key: String(sent[0]?.['p_key']) };
      expect(await call(scene, as.ann, 'core_command_status_v1', asked)).toMatchObject({
        tier: 'archive',
        outcome: first[0],
      });
    });
  });
});
