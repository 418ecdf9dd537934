/** What direct statements on conversations must not do that the RPCs refuse. */

import { describe, expect, it } from 'vitest';
import { anon, noSub } from '../../../fixtures/act/personas.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import { fileLab } from '../../file-lab.ts';
import {
  added,
  as,
  conversations,
  missing,
  openScene,
  refusalOf,
  requests,
  run,
  stateOf,
  untouched,
  users,
} from './scene.ts';
import { insertOf } from './statements.ts';

const lab = fileLab();
const unchanged = untouched(lab);

const offer = {
  help_request_id: requests.in_progress,
  requester_id: users.requester,
  helper_id: users.helper,
  initial_message: 'A proper first message',
};
const denied = '42501';

describe('direct statements on conversations', () => {
  it('T-MSG-31 a helper opens a conversation by a direct insert', async () => {
    await using scene = await openScene(lab);
    expect(await run(scene, as.helper, `${insertOf('conversations_v2', offer)} RETURNING status`)).toMatchObject({
      error: null,
      rows: [['active']],
    });
    expect(await added(scene, 'conversations_v2')).toMatchObject([offer]);
  });

  it.each([
    { what: 'in the name of another helper', by: as.stranger, row: offer, sqlstate: denied },
    { what: 'as the requester, in the name of a helper', by: as.requester, row: offer, sqlstate: denied },
    { what: 'without sub', by: noSub(), row: offer, sqlstate: denied },
    { what: 'anonymously', by: anon(), row: offer, sqlstate: denied },
    {
      what: 'with a forged requester',
      by: as.helper,
      row: { ...offer, requester_id: users.stranger },
      sqlstate: denied,
    },
    {
      what: 'for a request of their own',
      by: as.requester,
      row: { ...offer, helper_id: users.requester },
      sqlstate: '23514',
    },
    {
      what: 'for their own request, requester forged',
      by: as.requester,
      row: { ...offer, helper_id: users.requester, requester_id: users.stranger },
      sqlstate: denied,
    },
    {
      what: 'for a completed request',
      by: as.helper,
      row: { ...offer, help_request_id: requests.completed },
      sqlstate: denied,
    },
    {
      what: 'for a cancelled request',
      by: as.helper,
      row: { ...offer, help_request_id: requests.cancelled },
      sqlstate: denied,
    },
    { what: 'for no request', by: as.helper, row: { ...offer, help_request_id: missing }, sqlstate: denied },
    { what: 'twice', by: as.helper, row: { ...offer, help_request_id: requests.open }, sqlstate: '23505' },
    { what: 'with an id of their choice', by: as.helper, row: { ...offer, id: missing }, sqlstate: denied },
    { what: 'with a status of their choice', by: as.helper, row: { ...offer, status: 'completed' }, sqlstate: denied },
    {
      what: 'with a time of their choice',
      by: as.helper,
      row: { ...offer, created_at: '2020-01-01' },
      sqlstate: denied,
    },
    {
      what: 'with a change time of their choice',
      by: as.helper,
      row: { ...offer, updated_at: '2020-01-01' },
      sqlstate: denied,
    },
  ])('T-MSG-31 nobody inserts a conversation $what', ({ by, row, sqlstate }) =>
    unchanged(async (scene) => {
      expect(await refusalOf(scene, by, insertOf('conversations_v2', row))).toBe(sqlstate);
    }),
  );

  it.each(['completed', 'cancelled'] as const)(
    'T-MSG-31 the policy alone refuses an offer for a %s request, without the second look behind the lock',
    async (status) => {
      await using scene = await openScene(lab);
      await scene.owner.query('ALTER TABLE public.conversations_v2 DISABLE TRIGGER recheck_request');
      const row = { ...offer, help_request_id: requests[status] };
      expect(await refusalOf(scene, as.helper, insertOf('conversations_v2', row))).toBe(denied);
      expect(await added(scene, 'conversations_v2')).toEqual([]);
    },
  );

  it.each([as.requester, as.helper])(
    'T-MSG-32 T-MSG-41 the $name changes the status of their conversations, and its time moves',
    async (persona) => {
      await using scene = await openScene(lab);
      const mine = persona === as.requester ? 2 : 1;
      const before = await stateOf(scene, 'conversations_v2');
      expect(await run(scene, persona, "UPDATE public.conversations_v2 SET status = 'cancelled'")).toMatchObject({
        error: null,
        count: mine,
      });
      const { conversations_v2: after = [] } = await stateOf(scene, 'conversations_v2');
      const changed = after.filter((row) => row.status === 'cancelled');
      expect(changed).toHaveLength(mine);
      for (const row of changed) {
        const old = before.conversations_v2?.find(({ id }) => id === row.id);
        expect({ ...row, status: 'active', updated_at: old?.updated_at }).toEqual(old);
        expect(Date.parse(String(row.updated_at))).toBeGreaterThan(Date.parse(String(old?.updated_at)));
      }
    },
  );

  it.each([
    ['requester_id', users.stranger],
    ['helper_id', users.stranger],
    ['initial_message', 'Rewritten by hindsight'],
    ['help_request_id', requests.in_progress],
    ['id', missing],
    ['created_at', '2020-01-01'],
    ['updated_at', '2020-01-01'],
  ])('T-MSG-32 a participant does not change %s', (column, value) =>
    unchanged(async (scene) => {
      for (const persona of [as.requester, as.helper]) {
        for (const set of [`${column} = ${literal(value)}`, `status = 'active', ${column} = ${literal(value)}`]) {
          for (const where of ['', ` WHERE id = ${literal(conversations.first)}`]) {
            expect(
              (await run(scene, persona, `UPDATE public.conversations_v2 SET ${set}${where}`)).error,
            ).toMatchObject({ sqlstate: denied });
          }
        }
      }
    }),
  );

  it('T-MSG-32 the policy alone refuses to hand a conversation over, where every column is granted', async () => {
    await using scene = await openScene(lab);
    await scene.owner.query('GRANT UPDATE ON public.conversations_v2 TO authenticated');
    const handOver = `UPDATE public.conversations_v2 SET requester_id = ${literal(users.other)}, helper_id = ${literal(users.stranger)}`;
    expect(await refusalOf(scene, as.helper, handOver)).toBe(denied);
    expect(await run(scene, as.stranger, handOver)).toMatchObject({ error: null, count: 0 });
  });

  it('T-MSG-32 a stranger changes no conversation, nobody deletes one, and a status is one of three', () =>
    unchanged(async (scene) => {
      for (const persona of [as.stranger, noSub()]) {
        expect(await run(scene, persona, "UPDATE public.conversations_v2 SET status = 'cancelled'")).toMatchObject({
          error: null,
          count: 0,
        });
      }
      expect(await refusalOf(scene, anon(), "UPDATE public.conversations_v2 SET status = 'cancelled'")).toBe(denied);
      expect(await refusalOf(scene, as.helper, "UPDATE public.conversations_v2 SET status = 'closed'")).toBe('23514');
      for (const persona of [as.helper, as.requester, as.stranger, noSub(), anon()]) {
        expect(await refusalOf(scene, persona, 'DELETE FROM public.conversations_v2')).toBe(denied);
      }
    }));

  it('T-MSG-32 participants read their conversations alone', async () => {
    await using scene = await openScene(lab);
    const seen = async (persona: typeof as.helper) =>
      (await run(scene, persona, 'SELECT id FROM public.conversations_v2 ORDER BY id')).rows.map(([id]) => id);
    expect(await seen(as.requester)).toEqual([conversations.first, conversations.second]);
    expect(await seen(as.helper)).toEqual([conversations.first]);
    expect(await seen(as.stranger)).toEqual([]);
    expect(await seen(noSub())).toEqual([]);
  });
});
