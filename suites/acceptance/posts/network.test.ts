/** The network fails under a call: whatever of it arrived, the same call again makes nothing twice. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { down } from '../../../chaos/faults/down.ts';
import type { Fault, Wire } from '../../../chaos/faults/fault.ts';
import { networkFaults } from '../../../chaos/faults/network.ts';
import { type Line, openSwitchboard, type Switchboard } from '../../../chaos/line.ts';
import { perform } from '../../../fixtures/act/act.ts';
import { waitsOrEnds } from '../../../fixtures/act/during.ts';
import type { Probe } from '../../../fixtures/model/probe.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import { openSession, type Session } from '../../../fixtures/wire/session.ts';
import { fileLab } from '../../file-lab.ts';
import {
  as,
  associations,
  collectives,
  log,
  openScene,
  outcomeOf,
  posts,
  replyOf,
  rowsOf,
  type Scene,
  shareProbe,
  unchanged,
  users,
} from './scene.ts';
import { callOf, insertOf } from './statements.ts';

const lab = fileLab();
let switchboard: Switchboard;

beforeAll(async () => {
  switchboard = await openSwitchboard({ access: lab.access });
});
afterAll(() => switchboard[Symbol.asyncDispose]());

/** What a fault leaves of a call: all of it, the work without its answer, or nothing. */
type Fate = 'answered' | 'done' | 'lost';

function fateOf({ id }: Fault<Wire>): Fate {
  if (/^(noop|latency|slicer|slow_close)/.test(id)) return 'answered';
  return id.endsWith(':downstream') ? 'done' : 'lost';
}

const cuts = networkFaults.filter(({ id }) => id.startsWith('limit_data'));
const share = shareProbe(as.author, posts.author, [collectives.open, collectives.strict]);
const insert: Probe = {
  persona: as.author,
  sql: insertOf({ post_id: posts.author, collective_id: collectives.open, shared_by: users.author }),
};
const migrate: Probe = { persona: as.service, sql: callOf('migrate_legacy_post_collectives', {}) };

/** A login by the line; whose answer may never come gives up. */
function connect(scene: Scene, line: Line, fate: Fate): Promise<Session> {
  return openSession(line.access, {
    database: scene.db.name,
    as: 'login',
    applicationName: scene.db.name,
    answerTimeout: fate === 'answered' ? 60_000 : 1_000,
  });
}

/** What the backends of the line do; one that has not been asked anything yet has no query. */
async function backends(scene: Scene): Promise<readonly unknown[]> {
  const { rows } = await scene.owner.query(
    "SELECT concat_ws(' ', state, CASE query WHEN '' THEN 'unasked' END) AS at FROM pg_stat_activity WHERE application_name = $1",
    [scene.db.name],
  );
  return rows.map(({ at }) => at);
}

/** A backend that works does not notice that its client has gone: nothing is known before it has ended. */
const isGone = (scene: Scene) => expect.poll(() => backends(scene), { timeout: 60_000 }).toEqual([]);

/** The work is done, whatever came of its answer. */
async function isDone(scene: Scene): Promise<void> {
  await expect
    .poll(() => backends(scene), { timeout: 60_000 })
    .toSatisfy((at) => String(at) === '' || String(at) === 'idle');
}

/**
 * Makes the call under the fault, which is healed and everything at rest when it returns.
 * @returns what the client was told; null: nothing
 */
async function struck(scene: Scene, line: Line, fault: Fault<Wire>, probe: Probe): Promise<unknown> {
  const disarm = await fault.arm?.(line);
  const session = await connect(scene, line, fateOf(fault));
  const heal = await fault.apply(line);
  const told = await perform(session, probe).then(
    (seen) => rowsOf(seen),
    () => null,
  );
  if (fateOf(fault) === 'done') await isDone(scene);
  session.destroy();
  await heal();
  await disarm?.();
  await isGone(scene);
  return told;
}

describe('a call under a fault of the network', () => {
  it.each(networkFaults)('T-POST-20 $id: the same call again shares once', async (fault) => {
    await using scene = await openScene(lab);
    await using line = await switchboard.line(lab.access, scene.db.name);
    const fate = fateOf(fault);
    const told = await struck(scene, line, fault, share);
    if (fate === 'answered') expect(told).toMatchObject([{ ok: true, code: 'shared', created: 2 }]);
    else expect(told).toBeNull();
    const stored = await associations(scene);
    expect(stored).toHaveLength(fate === 'lost' ? 0 : 2);

    await using again = await connect(scene, line, 'answered');
    const second = { ok: true, code: fate === 'lost' ? 'shared' : 'already_shared', created: 2 - stored.length };
    expect(replyOf(await perform(again, share))).toMatchObject(second);
    if (fate !== 'lost') expect(await associations(scene)).toEqual(stored);
    await unchanged(scene, async () => {
      expect(replyOf(await perform(again, share))).toMatchObject({ code: 'already_shared', created: 0 });
    });
    expect(await associations(scene)).toHaveLength(2);
    expect((await log(scene)).map(({ action }) => action).toSorted()).toEqual(['created', 'shared']);
  });

  it.each(cuts)(
    'T-POST-20 $id: a direct insert again is refused where it was done, and done where it was lost',
    async (fault) => {
      await using scene = await openScene(lab);
      await using line = await switchboard.line(lab.access, scene.db.name);
      expect(await struck(scene, line, fault, insert)).toBeNull();
      await using again = await connect(scene, line, 'answered');
      expect(outcomeOf(await perform(again, insert))).toBe(fateOf(fault) === 'done' ? '23505' : 1);
      expect(await associations(scene)).toHaveLength(1);
      expect(await log(scene)).toHaveLength(1);
    },
  );

  it.each(cuts)('T-POST-20 $id: the legacy migration again makes what is missing', async (fault) => {
    await using scene = await openScene(lab);
    await using line = await switchboard.line(lab.access, scene.db.name);
    await scene.owner.script(
      `UPDATE public.posts SET collective_id = ${literal(collectives.open)} WHERE author_id <> ${literal(users.owner)}`,
    );
    expect(await struck(scene, line, fault, migrate)).toBeNull();
    const made = (await associations(scene)).length;
    expect(made).toBe(fateOf(fault) === 'done' ? 6 : 0);
    await using again = await connect(scene, line, 'answered');
    expect(rowsOf(await perform(again, migrate))).toEqual([6 - made]);
    expect(await associations(scene)).toHaveLength(6);
    expect(await log(scene)).toHaveLength(6);
  });

  it('T-POST-20 a call that is cut while it works, and its retry before that has ended, share once', async () => {
    await using scene = await openScene(lab);
    await using line = await switchboard.line(lab.access, scene.db.name);
    await using holder = await scene.db.connectAsOwner();
    await holder.script('BEGIN; LOCK TABLE public.post_collectives IN SHARE MODE');
    const session = await connect(scene, line, 'answered');
    const first = perform(session, share);
    const lost = first.then(replyOf, () => null);
    await waitsOrEnds({ owner: scene.owner, caller: session, db: scene.db }, first);
    await down.apply(line);
    expect(await lost).toBeNull();
    const retry = perform(scene.caller, share);
    await waitsOrEnds(scene, retry);
    await holder.script('COMMIT');
    const reply = replyOf(await retry) as { associations: { id: string }[] };
    await isGone(scene);
    const stored = await associations(scene);
    expect(stored).toHaveLength(2);
    expect(reply.associations.map(({ id }) => id).toSorted()).toEqual(stored.map(({ id }) => id).toSorted());
    expect(await log(scene)).toHaveLength(2);
  });
});
