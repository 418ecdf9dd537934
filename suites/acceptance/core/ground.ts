/** One clone of the core with a scope, an invitation or a member for every refusal: what is refused changes nothing, so that all share it. */

import type { Lab } from '../../../fixtures/lab/lab.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import { create, fill, group, invite, remove, send, setMode } from './acts.ts';
import { as, call, key, openScene, operator, reason, type Scene, settle, users } from './scene.ts';
import type { Arguments } from './statements.ts';

/** Ids of scopes by what they are for, and of invitations of Dan's, by what became of them. */
export interface Ground {
  readonly scene: Scene;
  readonly scopes: Readonly<Record<keyof typeof KINDS | 'dm', string>>;
  readonly invites: Readonly<Record<Fate, string>>;
}

const channel = { p_scope_type: 'channel', p_visibility: 'public', p_join_mode: 'open' };

/** Arguments of each scope of Ann's beside those of a private group. */
const KINDS = {
  /** With Bob, without Cat, who was removed; one message of Ann's and one of Bob's. */
  group: {},
  open: channel,
  /** One member short of being large, written to. */
  crowded: channel,
  large: { ...channel, p_delivery_strategy: 'fanout_on_read' },
  approval: { p_visibility: 'unlisted', p_join_mode: 'approval' },
  frozen: {},
  readOnly: {},
  full: {},
  /** Three changes of mode within the hour. */
  restless: {},
  /** In the midst of a migration. */
  migrating: {},
  /** Frozen, its projections out of date. */
  stale: {},
} as const;

const FATES = [
  'pending',
  'expired',
  'revoked',
  'rejected',
  'outdated',
  'frozen',
  'crowded',
  'requested',
  'removed',
] as const;
type Fate = (typeof FATES)[number];

const LIMITS = [
  'timeline_scope',
  'timeline_actor',
  'timeline_device',
  'command_actor',
  'command_device',
  'command_service',
];

/** @param lab of the file; the ground is disposed of with it */
export async function openGround(lab: Lab): Promise<Ground> {
  const scene = await openScene(lab);
  await settle(scene, Object.fromEntries([...LIMITS, 'report_actor'].map((name) => [name, 100_000])));
  const made: Record<string, string> = {};
  for (const [name, over] of Object.entries(KINDS))
    made[name] = String((await create(scene, as.ann, over))['scope_id']);
  const dm = await call(scene, as.ann, 'core_create_or_get_dm_v1', { p_other_user: users.bob });
  const scopes = { ...made, dm: String(dm['scope_id']) } as Ground['scopes'];
  const invites = await invitesOf(scene, scopes);
  await peopled(scene, scopes, invites.removed);
  await maintained(scene, scopes);
  return { scene, scopes, invites };
}

/** Invitations of Dan's, each to a scope of its own, and the one by which Cat came in. */
async function invitesOf(scene: Scene, scopes: Ground['scopes']): Promise<Ground['invites']> {
  const ids: Record<string, string> = {};
  const unlisted = { ...channel, p_visibility: 'unlisted' };
  for (const fate of FATES) {
    const crowd = fate === 'crowded' ? unlisted : {};
    const scope =
      fate === 'removed' ? scopes.group : fate === 'requested' ? scopes.approval : await group(scene, [], crowd);
    const user = fate === 'removed' ? users.cat : users.dan;
    const made = fate === 'requested' ? await request(scene, scope) : await invite(scene, as.ann, scope, user);
    ids[fate] = String(made['invite_id']);
  }
  const { expired, revoked, outdated, frozen, crowded } = ids as Ground['invites'];
  await answer(scene, 'core_reject_invite_v1', as.dan, ids['rejected']);
  for (const id of [revoked, outdated])
    await call(scene, as.service, 'core_update_policy_v1', await nextPolicy(scene, id));
  await scene.owner.script(`
    UPDATE public.core_invites SET expires_at = now() - interval '1 second' WHERE id = ${literal(expired)};
    UPDATE public.core_invites SET status = 'pending', decided_at = NULL WHERE id = ${literal(outdated)};
    UPDATE public.core_scopes SET member_count = 49999
    WHERE id IN (${literal(scopes.crowded)}, (SELECT scope_id FROM public.core_invites WHERE id = ${literal(crowded)}))`);
  const held = await scene.owner.query('SELECT scope_id FROM public.core_invites WHERE id = $1', [frozen]);
  await setMode(scene, String(held.rows[0]?.['scope_id']), 'write_freeze');
  return ids as Ground['invites'];
}

function request(scene: Scene, scope: string) {
  return call(scene, as.dan, 'core_change_membership_v1', {
    p_scope: scope,
    p_user: users.dan,
    p_action: 'request',
    p_key: key(),
  });
}

function answer(scene: Scene, rpc: string, persona: typeof as.ann, id = '') {
  return call(scene, persona, rpc, { p_invite: id, p_key: key() });
}

/** The policy in force of an invitation's scope with one more approval. */
async function nextPolicy(scene: Scene, inviteId: string): Promise<Arguments> {
  const { rows } = await scene.owner.query(
    `SELECT f AS p_policy, core.policy_hash(f) AS p_policy_hash, scope_id AS p_scope
     FROM (SELECT i.scope_id, to_jsonb(p) - '{scope_id,version,policy_hash,created_at}'::text[] || '{"approval_quorum": 2}' AS f
       FROM public.core_invites AS i JOIN public.core_policies AS p USING (scope_id) WHERE i.id = $1) AS changed`,
    [inviteId],
  );
  return { ...(rows[0] as Arguments), p_key: key(), ...reason };
}

async function peopled(scene: Scene, { group: scope, large }: Ground['scopes'], catsInvite: string): Promise<void> {
  await answer(scene, 'core_accept_invite_v1', as.cat, catsInvite);
  const bobs = await invite(scene, as.ann, scope, users.bob);
  await answer(scene, 'core_accept_invite_v1', as.bob, String(bobs['invite_id']));
  for (const persona of [as.ann, as.bob]) await send(scene, persona, scope);
  await remove(scene, scope, users.cat);
  await call(scene, as.service, 'core_mark_large_v1', { p_scope: large, p_is_large: true, p_key: key(), ...reason });
}

async function maintained(scene: Scene, scopes: Ground['scopes']): Promise<void> {
  await fill(scene, scopes.migrating, 3);
  for (const scope of [scopes.frozen, scopes.readOnly, scopes.full, scopes.migrating, scopes.stale])
    await setMode(scene, scope, 'write_freeze');
  for (const scope of [scopes.readOnly, scopes.migrating]) await setMode(scene, scope, 'read_only_safe');
  for (const mode of ['write_freeze', 'normal', 'write_freeze']) await setMode(scene, scopes.restless, mode);
  for (const id of [users.cat, users.dan])
    await call(scene, operator(id), 'core_approve_maintenance_v1', {
      p_scope: scopes.full,
      p_mode: 'maintenance_full',
      p_key: key(),
      ...reason,
    });
  await setMode(scene, scopes.full, 'maintenance_full');
  const step = { p_scope: scopes.migrating, p_migration: 'rehash_payloads', p_key: key() };
  await call(scene, as.service, 'core_migration_step_v1', step);
  await scene.owner.query("UPDATE public.core_projections SET mode = 'rebuilding' WHERE scope_id = $1", [scopes.stale]);
}
