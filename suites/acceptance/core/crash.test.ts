/** A backend that ends amid a call leaves all as it was, and the same call, sent again, comes to what it would have come to. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readCatalog } from '../../../fixtures/introspect/catalog.ts';
import { type Lab, openLab } from '../../../fixtures/lab/lab.ts';
import type { Probe } from '../../../fixtures/model/probe.ts';
import type { Server } from '../../../fixtures/model/server.ts';
import { bootServer } from '../../../fixtures/servers/boot.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import { comparable } from '../../facts.ts';
import { fileLab } from '../../file-lab.ts';
import { asReplica, fill, group, invite, message, policyChange, setMode } from './acts.ts';
import { type Ending, endedAt, killed, measured, terminated, twinsOf } from './crash.ts';
import { faultsOf } from './faults.ts';
import { idsIn, plain, plainRows } from './normal.ts';
import { each } from './races.ts';
import { as, key, openScene, probeOf, rowsOf, type Scene, stateOf, users } from './scene.ts';
import { age } from './stage.ts';
import type { Arguments } from './statements.ts';

/** The call that is interrupted, and those that bring its work to an end. */
interface Work {
  readonly call: Probe;
  readonly next: readonly Probe[];
}

const serve = (routine: string, args: Arguments) => probeOf(as.service, routine, { p_key: key(), ...args });
const several = (count: number, make: () => Probe) => Array.from({ length: count }, make);

const works: Readonly<Record<string, (scene: Scene) => Promise<Work>>> = {
  'a step of a migration': async (scene) => {
    const scope = await group(scene, [as.bob]);
    await fill(scene, scope, 10);
    await asReplica(scene, `UPDATE public.core_events SET payload_hash = ${literal('0'.repeat(64))}`);
    for (const mode of ['write_freeze', 'read_only_safe']) await setMode(scene, scope, mode);
    const step = () => serve('core_migration_step_v1', { p_scope: scope, p_migration: 'rehash_payloads', p_batch: 4 });
    await each(scene.caller, [step(), step()]);
    return { call: step(), next: several(3, step) };
  },
  'a batch of a rebuild': async (scene) => {
    const scope = await group(scene, [as.bob, as.cat]);
    await fill(scene, scope, 10);
    const batch = () => serve('core_rebuild_projection_v1', { p_scope: scope, p_batch: 4 });
    await each(scene.caller, [batch()]);
    return { call: batch(), next: [batch()] };
  },
  'an append': async (scene) => {
    const scope = await group(scene, [as.bob, as.cat]);
    return { call: probeOf(as.bob, 'core_append_event_v1', message(scope)), next: [] };
  },
  'a move into the archive': async (scene) => {
    const scope = await group(scene, [as.bob, as.cat]);
    await age(scene, scope);
    const move = () => serve('core_archive_outcomes_v1', { p_batch: 3 });
    return { call: move(), next: [move()] };
  },
  'a purge': async (scene) => {
    const scope = await group(scene, [as.bob]);
    await fill(scene, scope, 10);
    await age(scene, scope);
    const purge = () => serve('core_purge_retention_v1', { p_scope: scope, p_batch: 4 });
    await each(scene.caller, [purge()]);
    return { call: purge(), next: [purge()] };
  },
  'an acceptance': async (scene) => {
    const invited = await invite(scene, as.ann, await group(scene, []), users.bob);
    const args = { p_invite: String(invited['invite_id']), p_key: key() };
    return { call: probeOf(as.bob, 'core_accept_invite_v1', args), next: [] };
  },
  'a change of policy': async (scene) => {
    const scope = await group(scene, [as.bob]);
    await invite(scene, as.ann, scope, users.cat);
    return { call: serve('core_update_policy_v1', await policyChange(scene, scope, { invite_ttl: 24 })), next: [] };
  },
};

/** Interrupts the work at three moments that the seed chooses, and holds what it comes to against the uninterrupted twin. */
async function survives(lab: Lab, prepare: (scene: Scene) => Promise<Work>, end: Ending): Promise<void> {
  await using scene = await openScene(lab);
  const { call, next } = await prepare(scene);
  const since = Date.now();
  const [twin, copy] = await twinsOf(lab.access, scene);
  const before = await everything(copy);
  const known = { ids: idsIn(before, call, next), since };
  const { moments, reply } = await measured(twin, call);
  const calm = [reply, ...(await each(twin.caller, next))];
  const calmRows = plainRows(await stateOf(twin), known);

  let shaken = copy;
  const chosen = fc.uniqueArray(fc.integer({ min: 1, max: moments + 1 }), { minLength: 3, maxLength: 3 });
  for (const moment of fc.sample(chosen, { seed: inject('seed'), numRuns: 1 }).flat()) {
    shaken = await endedAt(shaken, call, moment, end);
    expect(await everything(shaken), `ended at ${moment} of ${moments}`).toEqual(before);
  }
  const replies = await each(shaken.caller, [call, ...next]);
  expect(
    calm.every(({ ok }) => ok),
    JSON.stringify(calm),
  ).toBe(true);
  expect(replies.map((said) => plain(said, known))).toEqual(calm.map((said) => plain(said, known)));
  expect(plainRows(await stateOf(shaken), known)).toEqual(calmRows);
  expect(comparable(await readCatalog(shaken.owner))).toEqual(comparable(scene.db.catalog));
  expect(await faultsOf(shaken)).toEqual([]);
  await Promise.all([twin[Symbol.asyncDispose](), shaken[Symbol.asyncDispose]()]);
}

async function everything(scene: Scene) {
  return { ...(await stateOf(scene)), calls: await rowsOf(scene, 'core_rate_limits') };
}

describe('a backend that the server ends', () => {
  const lab = fileLab();
  it.each(Object.entries(works))(
    'ended amid %s, it leaves all as before, and the same call goes on to the same end',
    async (_, prepare) => survives(lab, prepare, terminated),
  );
});

describe('a backend that is killed, and with it the whole server', () => {
  let server: Server;
  let lab: Lab;
  beforeAll(async () => {
    // A server of its own, since the crash of one backend throws out everybody.
    const { ROWPROOF_PG_PORT: _, ROWPROOF_DATABASE_URL: __, ...env } = process.env;
    server = await bootServer({ env: { ...env, ROWPROOF_SERVER: 'embedded' }, say: () => undefined });
    lab = openLab(server.access);
  });
  afterAll(() => server.stop());
  it.each(Object.entries(works))(
    'killed amid %s, it leaves all as before, and the same call goes on to the same end',
    async (_, prepare) => survives(lab, prepare, killed(server.access)),
  );
});
