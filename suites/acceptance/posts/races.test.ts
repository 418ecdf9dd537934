/** What changes while a call waits: a role that goes, a post or a rule that does, and the same call many times at once. */

import { describe, expect, it } from 'vitest';
import { perform } from '../../../fixtures/act/act.ts';
import { during, waitsOrEnds } from '../../../fixtures/act/during.ts';
import { race } from '../../../fixtures/act/gate.ts';
import type { Probe } from '../../../fixtures/model/probe.ts';
import { literal, qualified } from '../../../fixtures/wire/escape.ts';
import {
  as,
  associations,
  collectives,
  log,
  outcomeOf,
  place,
  posts,
  replyOf,
  scenes,
  seatOf,
  shareProbe,
  users,
} from './scene.ts';
import { deleteOf, insertOf, updateOf } from './statements.ts';

const openScene = scenes();
const pair = { post: posts.author, collective: collectives.open };
const row = { post_id: pair.post, collective_id: pair.collective, shared_by: users.author };
const insert: Probe = { persona: as.author, sql: insertOf(row) };
const share = shareProbe(as.author, pair.post, [collectives.strict, pair.collective]);
const update: Probe = { persona: as.author, sql: updateOf(pair, { display_order: 7 }) };
const decide: Probe = { persona: as.admin, sql: updateOf(pair, { status: 'rejected' }) };
const remove: Probe = { persona: as.admin, sql: deleteOf(pair) };
const lost = (person: 'author' | 'admin') => seatOf(pair.collective, person, 'member');
const gone = (person: 'author' | 'admin') => seatOf(pair.collective, person, null);

describe('a role that goes between the check and the write', () => {
  it.each([
    ['becomes a member', lost],
    ['loses the seat', gone],
  ] as const)('T-POST-31 who %s meanwhile shares nothing and changes nothing', async (_, change) => {
    for (const [probe, there, result] of [
      [insert, false, '42501'],
      [update, true, 0],
    ] as const) {
      await using scene = await openScene();
      if (there) await place(scene, pair);
      const before = await associations(scene);
      expect(outcomeOf(await during(scene, change('author'), probe))).toBe(result);
      expect(await associations(scene)).toEqual(before);
      expect(await log(scene)).toHaveLength(before.length);
    }
  });

  it.each([
    ['role_insufficient', lost],
    ['no_access', gone],
  ] as const)('T-POST-31 the call answers %s, and writes into no collective', async (reason, change) => {
    await using scene = await openScene();
    expect(replyOf(await during(scene, change('author'), share))).toEqual({
      ok: false,
      code: 'collectives_refused',
      errors: [{ collective_id: pair.collective, reason }],
    });
    expect(await associations(scene)).toEqual([]);
    expect(await log(scene)).toMatchObject([
      { action: 'denied', collective_id: pair.collective, metadata: { reason } },
    ]);
  });

  it('T-POST-31 an admin who is demoted meanwhile rejects nothing and removes nothing', async () => {
    for (const probe of [decide, remove]) {
      await using scene = await openScene();
      await place(scene, pair);
      expect(outcomeOf(await during(scene, lost('admin'), probe))).toBe(0);
      expect(await associations(scene)).toMatchObject([{ status: 'published' }]);
      expect(await log(scene)).toHaveLength(1);
    }
  });

  it.each([
    ['an insert', insert, false, 'author'],
    ['the call', share, false, 'author'],
    ['an update', update, true, 'author'],
    ['a decision', decide, true, 'admin'],
    ['a removal', remove, true, 'admin'],
  ] as const)(
    'T-POST-31 who would take the role away during %s waits until it has ended',
    async (_, probe, there, person) => {
      await using scene = await openScene();
      if (there) await place(scene, pair);
      await using holder = await scene.db.connect();
      const settings = [{ name: 'role', value: probe.persona.role }, ...probe.persona.settings];
      const become = settings.map(({ name, value }) => `set_config(${literal(name)}, ${literal(value)}, true)`);
      await holder.script(`BEGIN; SELECT ${become.join(', ')}; ${probe.sql}`);
      const revoking = perform(scene.caller, { persona: as.service, sql: lost(person) });
      await waitsOrEnds(scene, revoking);
      await holder.script('COMMIT');
      expect(await revoking).toMatchObject({ error: null, count: 1 });
      expect((await log(scene)).filter(({ action }) => action !== 'denied').length).toBeGreaterThan(there ? 1 : 0);
    },
  );
});

describe('other changes meanwhile', () => {
  const ask = `UPDATE public.collectives SET requires_approval = true WHERE id = ${literal(pair.collective)}`;

  it.each([
    ['an insert', insert],
    ['the call', shareProbe(as.author, pair.post, [pair.collective])],
  ] as const)('T-POST-32 %s into a collective that begins to ask for approval waits for it', async (_, probe) => {
    await using scene = await openScene();
    expect((await during(scene, ask, probe)).error).toBeNull();
    expect(await associations(scene)).toMatchObject([{ status: 'pending_approval' }]);
  });

  it('T-POST-32 a post that is deleted meanwhile is not found, a collective no longer there', async () => {
    for (const [meanwhile, code] of [
      [`DELETE FROM public.posts WHERE id = ${literal(pair.post)}`, 'post_not_found'],
      [`DELETE FROM public.collectives WHERE id = ${literal(pair.collective)}`, 'collectives_refused'],
    ] as const) {
      await using scene = await openScene();
      expect(replyOf(await during(scene, meanwhile, share))).toMatchObject({ ok: false, code });
      expect(await associations(scene)).toEqual([]);
    }
  });

  it('T-POST-32 a stranger’s call waits for nobody', async () => {
    await using scene = await openScene();
    await using holder = await scene.db.connectAsOwner();
    await holder.script(
      `BEGIN; SELECT FROM public.collectives FOR UPDATE; SELECT FROM public.collective_members WHERE collective_id <> ${literal(collectives.far)} FOR UPDATE; SELECT FROM public.posts WHERE author_id <> ${literal(users.outsider)} FOR UPDATE`,
    );
    const first = ["SET LOCAL lock_timeout = '2s'"];
    const asking = { ...shareProbe(as.outsider, posts.outsider, [pair.collective]), first };
    expect(replyOf(await perform(scene.caller, asking))).toMatchObject({ errors: [{ reason: 'no_access' }] });
    const foreign = { ...shareProbe(as.outsider, posts.author, [collectives.open]), first };
    expect(replyOf(await perform(scene.caller, foreign))).toMatchObject({ code: 'post_not_found' });
    const direct = {
      persona: as.outsider,
      sql: insertOf({ ...row, post_id: posts.outsider, shared_by: users.outsider }),
      first,
    };
    expect(outcomeOf(await perform(scene.caller, direct))).toBe('42501');
    await holder.script('ROLLBACK');
  });

  it('T-POST-20 16 retries at once share once, and each is told the same associations', async () => {
    await using scene = await openScene();
    const seen = await race(scene.db, { lock: qualified('public', 'post_collectives'), probes: Array(16).fill(share) });
    const replies = seen.map(replyOf) as { ok: boolean; created: number; associations: { id: string }[] }[];
    expect(replies.map(({ ok }) => ok)).toEqual(Array(16).fill(true));
    expect(replies.map(({ created }) => created).toSorted()).toEqual([...Array(15).fill(0), 2]);
    const ids = (await associations(scene)).map(({ id }) => id);
    expect(ids).toHaveLength(2);
    for (const reply of replies) expect(reply.associations.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect(await log(scene)).toHaveLength(2);
  });

  it('T-POST-20 calls that name the collectives in other orders end without a deadlock', async () => {
    await using scene = await openScene();
    const orders = [
      [collectives.open, collectives.strict],
      [collectives.strict, collectives.open],
    ];
    const probes = Array.from({ length: 16 }, (_, at) => shareProbe(as.author, pair.post, orders[at % 2] ?? []));
    const seen = await race(scene.db, { lock: qualified('public', 'post_collectives'), probes });
    expect(seen.map(({ error }) => error)).toEqual(Array(16).fill(null));
    expect(await associations(scene)).toHaveLength(2);
  });

  it('T-POST-20 a call whose connection was cut wrote nothing, and its retry shares once', async () => {
    await using scene = await openScene();
    await using holder = await scene.db.connectAsOwner();
    await holder.script('BEGIN; LOCK TABLE public.post_collectives IN SHARE MODE');
    const caller = await scene.db.connect();
    const cut = perform(caller, share).then(
      ({ error }) => error?.sqlstate ?? 'done',
      () => 'lost',
    );
    for (;;) {
      const { rows } = await scene.owner.query('SELECT 1 FROM pg_locks WHERE pid = $1 AND NOT granted', [
        caller.processId,
      ]);
      if (rows.length > 0) break;
    }
    await scene.owner.query('SELECT pg_terminate_backend($1)', [caller.processId]);
    expect(await cut).toMatch(/^(lost|57P01)$/);
    await holder.script('ROLLBACK');
    expect(await associations(scene)).toEqual([]);
    expect(replyOf(await perform(scene.caller, share))).toMatchObject({ code: 'shared', created: 2 });
    expect(replyOf(await perform(scene.caller, share))).toMatchObject({ code: 'already_shared', created: 0 });
    expect(await log(scene)).toHaveLength(2);
  });
});
