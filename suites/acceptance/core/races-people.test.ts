/** Who comes in and who goes while others decide about the same: one decision holds, and everybody is told of it. */

import { describe, expect, it } from 'vitest';
import { perform } from '../../../fixtures/act/act.ts';
import type { Persona } from '../../../fixtures/model/persona.ts';
import type { Probe } from '../../../fixtures/model/probe.ts';
import { bring, change, create, group, invite, policyChange, setMode } from './acts.ts';
import { faultsOf } from './faults.ts';
import { beginning, crowd, crowded, queued, raced, rowOf, tally, waiting } from './races.ts';
import { as, key, operator, probeOf, type Reply, reason, replyOf, rowsOf, type Scene, scenes, users } from './scene.ts';
import { asInSomeOrder } from './serial.ts';
import type { Arguments } from './statements.ts';

const openScene = scenes();
const decide = (persona: Persona, scope: string, action: string, user: string, over: Arguments = {}): Probe =>
  probeOf(persona, 'core_change_membership_v1', {
    p_scope: scope,
    p_user: user,
    p_action: action,
    p_key: key(),
    ...over,
  });
const answer = (persona: Persona, verb: 'accept' | 'reject', id: string): Probe =>
  probeOf(persona, `core_${verb}_invite_v1`, { p_invite: id, p_key: key() });
const members = async (scene: Scene) =>
  Object.fromEntries(
    (await rowsOf(scene, 'core_members')).map(({ user_id, role, state }) => [user_id, `${role} ${state}`]),
  );

/** An invitation of each of `people` into the scope. */
async function invited(scene: Scene, scope: string, people: readonly Persona[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const { user } of people) ids.push(String((await invite(scene, as.ann, scope, String(user)))['invite_id']));
  return ids;
}

describe('invitations at once', () => {
  it('16 times accepted at once by other keys, one invitation brings its person in once', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const [id = ''] = await invited(scene, scope, [as.bob]);
    const replies = await raced(
      scene,
      rowOf(scope),
      Array.from({ length: 16 }, () => answer(as.bob, 'accept', id)),
    );
    expect(tally(replies)).toEqual({ invite_accepted: 1, already_member: 15 });
    expect(await rowsOf(scene, 'core_invites')).toMatchObject([{ status: 'accepted' }]);
    expect(await rowsOf(scene, 'core_scopes')).toMatchObject([{ member_count: 2 }]);
    const stored = (await rowsOf(scene, 'core_outcomes')).filter(
      ({ command_type }) => command_type === 'accept_invite',
    );
    expect(stored).toMatchObject([{ code: 'invite_accepted', actor_id: users.bob }]);
    expect(await faultsOf(scene)).toEqual([]);
  });

  it('accepted and rejected at once, it is one of both', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const [id = ''] = await invited(scene, scope, [as.bob]);
    const probes = [answer(as.bob, 'accept', id), answer(as.bob, 'reject', id)];
    const replies = await asInSomeOrder(scene, probes, () => raced(scene, rowOf(scope), probes));
    expect([
      ['invite_accepted', 'already_member'],
      ['invite_rejected', 'invite_rejected'],
    ]).toContainEqual(replies.map(({ code }) => code));
    expect(await faultsOf(scene)).toEqual([]);
  });

  it.each([
    ['before', ['policy_updated', 'invite_revoked'], 'revoked', 'member invited'],
    ['after', ['invite_accepted', 'policy_updated'], 'accepted', 'member joined'],
  ] as const)(
    'T-INV-03 of a change of policy and an acceptance that wait together, the change coming %s, the first decides',
    async (when, codes, status, member) => {
      await using scene = await openScene();
      const scope = await group(scene, []);
      const [id = ''] = await invited(scene, scope, [as.bob]);
      const update = probeOf(as.service, 'core_update_policy_v1', await policyChange(scene, scope, { invite_ttl: 24 }));
      const both = when === 'before' ? [update, answer(as.bob, 'accept', id)] : [answer(as.bob, 'accept', id), update];
      const replies = await asInSomeOrder(scene, both, () => queued(scene, rowOf(scope), both));
      expect(replies.map(({ code }) => code)).toEqual(codes);
      expect(await rowsOf(scene, 'core_invites')).toMatchObject([{ status, policy_version: 1 }]);
      expect((await members(scene))[users.bob]).toBe(member);
      expect(await faultsOf(scene)).toEqual([]);
    },
  );

  it('of 16 who accept while the policy changes, those are in who were told so, and nobody else', async () => {
    await using scene = await openScene();
    const people = await crowd(scene, 16);
    const scope = await group(scene, []);
    const ids = await invited(scene, scope, people);
    const update = probeOf(as.service, 'core_update_policy_v1', await policyChange(scene, scope, { invite_ttl: 24 }));
    const accepts = people.map((persona, n) => answer(persona, 'accept', ids[n] ?? ''));
    const [updated, ...replies] = await raced(scene, rowOf(scope), [update, ...accepts]);
    expect(updated).toMatchObject({ code: 'policy_updated', policy_version: 2 });
    const told = people.filter((_, n) => replies[n]?.code === 'invite_accepted').map(({ user }) => user);
    expect(Object.keys(tally(replies)).toSorted()).toEqual(
      ['invite_accepted', 'invite_revoked'].filter((code) => code in tally(replies)),
    );
    const joined = Object.entries(await members(scene)).filter(([, state]) => state === 'member joined');
    expect(joined.map(([user]) => user).toSorted()).toEqual(told.toSorted());
    expect(await faultsOf(scene)).toEqual([]);
  });

  it('of invitations whose time ends while they are accepted, each is accepted or expired, never both', async () => {
    await using scene = await openScene();
    const people = await crowd(scene, 16);
    const scope = await group(scene, []);
    const ids = await invited(scene, scope, people);
    const soon =
      "UPDATE public.core_invites SET expires_at = clock_timestamp() + (row_number - 8) * interval '20 milliseconds'";
    await scene.owner.query(
      `${soon} FROM (SELECT id, row_number() OVER () FROM public.core_invites) AS n WHERE n.id = core_invites.id`,
    );
    const expire = () => probeOf(as.service, 'core_expire_invites_v1', { p_key: key(), p_batch: 5 });
    const callers = people.map((persona, n) => [answer(persona, 'accept', ids[n] ?? '')]);
    const expirers = Array.from({ length: 3 }, () => Array.from({ length: 6 }, expire));
    const all = await crowded(scene, beginning, [...expirers, ...callers]);
    const told = all
      .slice(3)
      .flat()
      .map(({ code }) => code);
    const rows = new Map((await rowsOf(scene, 'core_invites')).map((row) => [row['invited_user_id'], row['status']]));
    const state = await members(scene);
    for (const [n, { user }] of people.entries()) {
      const accepted = told[n] === 'invite_accepted';
      expect(told[n]).toMatch(/^invite_(accepted|expired)$/);
      expect(state[String(user)]).toBe(accepted ? 'member joined' : 'member invited');
      expect(accepted ? ['accepted'] : ['expired', 'pending']).toContain(rows.get(user));
    }
    const expired = all
      .slice(0, 3)
      .flat()
      .reduce((sum, reply) => sum + Number(reply['expired']), 0);
    expect([...rows.values()].filter((status) => status === 'expired')).toHaveLength(expired);
    expect(await faultsOf(scene)).toEqual([]);
  });

  it('an invitation that has been found valid stays so until its answer is given: no sweep gets hold of it', async () => {
    await using scene = await openScene();
    const [id = ''] = await invited(scene, await group(scene, []), [as.bob]);
    // It has been looked at, and cannot be written yet.
    await scene.owner.script('BEGIN; LOCK TABLE public.core_invites IN SHARE MODE');
    const accepting = perform(scene.caller, answer(as.bob, 'accept', id));
    await waiting(scene, scene.caller);
    await using sweep = await scene.db.connectAsOwner();
    const due = 'SELECT status FROM public.core_invites FOR UPDATE SKIP LOCKED';
    expect((await sweep.query(due)).rows).toEqual([]);
    await scene.owner.script('ROLLBACK');
    expect(replyOf(await accepting)).toMatchObject({ code: 'invite_accepted' });
    expect((await sweep.query(due)).rows).toEqual([{ status: 'accepted' }]);
  });
});

describe('decisions of several', () => {
  it.each([
    [
      'both leave',
      (scope: string) => [decide(as.ann, scope, 'leave', users.ann), decide(as.bob, scope, 'leave', users.bob)],
      ['last_owner', 'removed'],
    ],
    [
      'each takes the other’s rank',
      (scope: string) => [
        decide(as.ann, scope, 'set_role', users.bob, { p_role: 'member', ...reason }),
        decide(as.bob, scope, 'set_role', users.ann, { p_role: 'member', ...reason }),
      ],
      ['not_permitted', 'role_set'],
    ],
    [
      'each gives up the rank',
      (scope: string) => [
        decide(as.ann, scope, 'set_role', users.ann, { p_role: 'member', ...reason }),
        decide(as.bob, scope, 'set_role', users.bob, { p_role: 'member', ...reason }),
      ],
      ['last_owner', 'role_set'],
    ],
  ])('of two owners of whom %s, one stays owner', async (_, of, codes) => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob]);
    await change(scene, as.ann, scope, 'set_role', users.bob, { p_role: 'owner', ...reason });
    const probes = of(scope);
    const replies = await asInSomeOrder(scene, probes, () => raced(scene, rowOf(scope), probes));
    expect(replies.map(({ code }) => String(code)).toSorted()).toEqual(codes);
    const owners = Object.values(await members(scene)).filter((state) => state === 'owner joined');
    expect(owners).toHaveLength(1);
    expect(await faultsOf(scene)).toEqual([]);
  });

  it('of a quorum of two who approve together, one lets the person in, once', async () => {
    await using scene = await openScene();
    const over = { p_visibility: 'unlisted', p_join_mode: 'approval', p_approval_quorum: 2 };
    const scope = String((await create(scene, as.ann, over))['scope_id']);
    for (const persona of [as.bob, as.cat]) {
      await bring(scene, scope, persona);
      await change(scene, as.ann, scope, 'set_role', String(persona.user), { p_role: 'admin', ...reason });
    }
    await change(scene, as.dan, scope, 'request', users.dan);
    const probes = [as.ann, as.bob, as.cat].map((persona) => decide(persona, scope, 'approve', users.dan));
    const replies = await asInSomeOrder(scene, probes, () => raced(scene, rowOf(scope), probes));
    expect(tally(replies)).toEqual({ approval_counted: 1, approved: 1, invite_not_found: 1 });
    expect((await members(scene))[users.dan]).toBe('member joined');
    expect(await rowsOf(scene, 'core_scopes')).toMatchObject([{ member_count: 4 }]);
    expect(await faultsOf(scene)).toEqual([]);
  });

  it('two operators who agree together are two, one who agrees twice together is one', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await setMode(scene, scope, 'write_freeze');
    const approve = (id: string) =>
      probeOf(operator(id), 'core_approve_maintenance_v1', {
        p_scope: scope,
        p_mode: 'maintenance_full',
        p_key: key(),
        ...reason,
      });
    const counted = (replies: readonly Reply[]) => replies.map((reply) => reply['approvals']).toSorted();
    expect(counted(await raced(scene, rowOf(scope), [approve(users.cat), approve(users.cat)]))).toEqual([1, 1]);
    expect(counted(await raced(scene, rowOf(scope), [approve(users.cat), approve(users.dan)]))).toContain(2);
    const full = () =>
      probeOf(as.service, 'core_set_maintenance_v1', {
        p_scope: scope,
        p_mode: 'maintenance_full',
        p_key: key(),
        ...reason,
      });
    const set = await raced(scene, rowOf(scope), [full(), full()]);
    expect(tally(set)).toEqual({ maintenance_set: 1, maintenance_transition_invalid: 1 });
    expect(await rowsOf(scene, 'core_scopes')).toMatchObject([{ system_mode: 'maintenance_full' }]);
    expect(
      (await rowsOf(scene, 'core_admin_actions')).filter(({ action }) => action === 'set_maintenance'),
    ).toHaveLength(2);
  });
});
