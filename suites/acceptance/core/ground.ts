/** One clone of the core with a scope, an invitation or a member for every refusal: what is refused changes nothing, so that all share it. */

import type { Lab } from '../../../fixtures/lab/lab.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import { accept, bring, change, create, fill, group, invite, policyChange, remove, send, setMode } from './acts.ts';
import { as, call, key, openScene, operator, reason, type Scene, settle, users } from './scene.ts';

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
  const places: Record<string, string> = { requested: scopes.approval, removed: scopes.group };
  for (const fate of FATES) {
    const place =
      places[fate] ?? (await group(scene, [], fate === 'crowded' ? { ...channel, p_visibility: 'unlisted' } : {}));
    const made =
      fate === 'requested'
        ? await change(scene, as.dan, place, 'request', users.dan)
        : await invite(scene, as.ann, place, fate === 'removed' ? users.cat : users.dan);
    places[fate] = place;
    ids[fate] = String(made['invite_id']);
  }
  const { expired, rejected, outdated } = ids as Ground['invites'];
  await call(scene, as.dan, 'core_reject_invite_v1', { p_invite: rejected, p_key: key() });
  for (const fate of ['revoked', 'outdated'])
    await call(
      scene,
      as.service,
      'core_update_policy_v1',
      await policyChange(scene, places[fate] ?? '', { approval_quorum: 2 }),
    );
  await scene.owner.script(`
    UPDATE public.core_invites SET expires_at = now() - interval '1 second' WHERE id = ${literal(expired)};
    UPDATE public.core_invites SET status = 'pending', decided_at = NULL WHERE id = ${literal(outdated)};
    UPDATE public.core_scopes SET member_count = 49999
    WHERE id IN (${literal(scopes.crowded)}, ${literal(places['crowded'] ?? null)})`);
  await setMode(scene, places['frozen'] ?? '', 'write_freeze');
  return ids as Ground['invites'];
}

async function peopled(scene: Scene, { group: scope, large }: Ground['scopes'], catsInvite: string): Promise<void> {
  await accept(scene, as.cat, catsInvite);
  await bring(scene, scope, as.bob);
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
