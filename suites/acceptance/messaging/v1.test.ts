/** What was there before V2: the legacy tables and the public board. */

import { describe, expect, it } from 'vitest';
import { anon, noSub, signedIn } from '../../../fixtures/act/personas.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import { fileLab } from '../../file-lab.ts';
import {
  as,
  create,
  openScene,
  refusalOf,
  requests,
  run,
  type Scene,
  send,
  stateOf,
  untouched,
  users,
} from './scene.ts';

const lab = fileLab();
const unchanged = untouched(lab);
const tables = ['conversations', 'conversation_participants', 'messages'] as const;
/** Legacy request, conversation and people number 1: person 2 asked, person 5 helped. */
const legacy = { request: id(1, 1), conversation: id(2, 1), asker: id(0, 2), helper: id(0, 5) };
const participant = signedIn(legacy.asker, 'legacy asker');

describe('V1 beside V2', () => {
  const values = {
    conversations: `(help_request_id) VALUES (${literal(legacy.request)})`,
    conversation_participants: `(conversation_id, user_id) VALUES (${literal(legacy.conversation)}, ${literal(users.stranger)})`,
    messages: `(conversation_id, sender_id, content) VALUES (${literal(legacy.conversation)}, ${literal(legacy.asker)}, 'again')`,
  };
  const column = { conversations: 'status', conversation_participants: 'user_id', messages: 'content' };
  it.each(tables)('T-MSG-22 no client role writes %s, by any verb', (table) =>
    unchanged(async (scene) => {
      for (const persona of [anon(), as.stranger, noSub(), participant]) {
        for (const sql of [
          `INSERT INTO public.${table} ${values[table]}`,
          `UPDATE public.${table} SET ${column[table]} = ${column[table]}`,
          `UPDATE public.${table} SET ${column[table]} = NULL WHERE true`,
          `DELETE FROM public.${table}`,
          `TRUNCATE public.${table} CASCADE`,
        ]) {
          expect((await run(scene, persona, sql)).error, `${persona.name}: ${sql}`).toMatchObject({
            sqlstate: '42501',
          });
        }
      }
    }),
  );

  it.each(tables)('T-MSG-22 on %s a client role is granted SELECT and nothing else', (table) =>
    unchanged(async (scene) => {
      const { rows } = await scene.owner.query(
        `SELECT acl.grantee::regrole::text AS role, acl.privilege_type AS may
        FROM pg_class AS c
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid
        CROSS JOIN LATERAL (SELECT * FROM aclexplode(c.relacl) UNION SELECT * FROM aclexplode(a.attacl)) AS acl
        WHERE c.oid = $1::regclass
        AND acl.grantee IN (0, 'anon'::regrole, 'authenticated'::regrole)
        GROUP BY 1, 2`,
        [`public.${table}`],
      );
      expect(rows).toEqual([{ role: 'authenticated', may: 'SELECT' }]);
    }),
  );

  it('T-MSG-23 T-MSG-42 the policies of V1 and of the board are for one verb each, and for the signed-in alone', () =>
    unchanged(async (scene) => {
      const { rows } = await scene.owner.query(
        `SELECT concat_ws(' ', tablename, cmd, permissive, roles::text) AS policy
        FROM pg_policies
        WHERE schemaname = 'public' AND tablename = ANY ($1)
        ORDER BY 1`,
        [['help_requests', ...tables]],
      );
      expect(rows.map(({ policy }) => policy)).toEqual([
        'conversation_participants SELECT PERMISSIVE {authenticated}',
        'conversations SELECT PERMISSIVE {authenticated}',
        'help_requests INSERT PERMISSIVE {authenticated}',
        'help_requests SELECT PERMISSIVE {authenticated}',
        'help_requests UPDATE PERMISSIVE {authenticated}',
        'messages SELECT PERMISSIVE {authenticated}',
      ]);
    }));

  it('T-MSG-23 the legacy conversations are 16, each with two participants', async () => {
    await using scene = await openScene(lab);
    const { rows } = await scene.owner.query(`
      SELECT count(*)::int AS seats FROM public.conversations AS c
      JOIN public.conversation_participants AS p ON p.conversation_id = c.id
      GROUP BY c.id`);
    expect(rows).toEqual(Array.from({ length: 16 }, () => ({ seats: 2 })));
  });

  it('T-MSG-23 participants read their legacy conversations while V2 is in use, others none', async () => {
    await using scene = await openScene(lab);
    await create(scene, as.helper, requests.in_progress, users.helper, 'A proper first message');
    await send(scene, as.helper, requests.in_progress, users.helper, 'hello');
    const before = await stateOf(scene);
    const { rows } = await scene.owner.query('SELECT DISTINCT user_id FROM public.conversation_participants');
    expect(rows).toHaveLength(8);
    for (const row of rows) await readsTheirsAlone(scene, String(row.user_id));
    for (const persona of [as.stranger, as.helper, noSub()]) {
      for (const table of tables)
        expect(await run(scene, persona, `SELECT * FROM public.${table}`)).toMatchObject({ error: null, rows: [] });
    }
    for (const table of tables)
      expect((await run(scene, anon(), `SELECT * FROM public.${table}`)).error).toMatchObject({ sqlstate: '42501' });
    expect(await stateOf(scene)).toEqual(before);
  });

  it('T-MSG-42 every signed-in user reads every request in every status, anon none', async () => {
    await using scene = await openScene(lab);
    const { help_requests: all = [] } = await stateOf(scene, 'help_requests');
    expect(new Set(all.map((row) => row.status))).toEqual(new Set(['open', 'in_progress', 'completed', 'cancelled']));
    for (const persona of [as.stranger, as.requester]) {
      const { rows } = await run(scene, persona, 'SELECT id FROM public.help_requests ORDER BY id');
      expect(rows.map(([one]) => one)).toEqual(all.map((row) => row.id).toSorted());
    }
    expect((await run(scene, anon(), 'SELECT * FROM public.help_requests')).error).toMatchObject({ sqlstate: '42501' });
  });

  it("T-MSG-42 requesters post and change their own requests, and nobody else's", async () => {
    await using scene = await openScene(lab);
    const own = `INSERT INTO public.help_requests (user_id, title) VALUES (${literal(users.stranger)}, 'A lift to town')`;
    expect(await run(scene, as.stranger, own)).toMatchObject({ error: null, count: 1 });
    expect(
      await run(scene, as.stranger, "UPDATE public.help_requests SET title = 'A lift', status = 'cancelled'"),
    ).toMatchObject({ count: 1 });
    const before = await stateOf(scene);
    expect(before.help_requests?.filter((row) => row.title === 'A lift' || row.status === 'cancelled')).toHaveLength(2);
    const forged = `INSERT INTO public.help_requests (user_id, title) VALUES (${literal(users.requester)}, 'forged')`;
    for (const persona of [as.stranger, noSub(), anon()]) {
      expect((await run(scene, persona, forged)).error).toMatchObject({ sqlstate: '42501' });
      expect(
        (await run(scene, persona, `UPDATE public.help_requests SET user_id = ${literal(users.helper)}`)).error,
      ).toMatchObject({ sqlstate: '42501' });
      expect((await run(scene, persona, 'DELETE FROM public.help_requests')).error).toMatchObject({
        sqlstate: '42501',
      });
    }
    for (const persona of [as.helper, noSub()]) {
      expect(await run(scene, persona, "UPDATE public.help_requests SET status = 'cancelled'")).toMatchObject({
        error: null,
        count: 0,
      });
    }
    expect(await stateOf(scene)).toEqual(before);
  });

  it('T-MSG-42 the policy alone refuses to give a request away, where every column is granted', async () => {
    await using scene = await openScene(lab);
    await scene.owner.query('GRANT UPDATE ON public.help_requests TO authenticated');
    const give = `UPDATE public.help_requests SET user_id = ${literal(users.stranger)}`;
    expect(await refusalOf(scene, as.requester, give)).toBe('42501');
    expect(await run(scene, as.helper, give)).toMatchObject({ error: null, count: 0 });
  });

  it('T-MSG-42 a request has one of four statuses, whoever writes it', () =>
    unchanged(async (scene) => {
      const closed = `UPDATE public.help_requests SET status = 'closed' WHERE id = ${literal(requests.open)}`;
      expect(await refusalOf(scene, as.requester, closed)).toBe('23514');
    }));

  it('T-MSG-41 changing a request moves its time', async () => {
    await using scene = await openScene(lab);
    const { help_requests: before = [] } = await stateOf(scene, 'help_requests');
    const { count } = await run(scene, as.requester, "UPDATE public.help_requests SET description = 'soon'");
    const { help_requests: after = [] } = await stateOf(scene, 'help_requests');
    const moved = after.filter((row) => {
      const old = before.find(({ id }) => id === row.id);
      return Date.parse(String(row.updated_at)) > Date.parse(String(old?.updated_at));
    });
    expect(moved.map((row) => row.user_id)).toEqual(Array.from({ length: count ?? 0 }, () => users.requester));
    expect(count).toBe(4);
  });
});

/** The rows that `user` sees in each table are those of the conversations in which they have a seat; of the seats, their own. */
async function readsTheirsAlone(scene: Scene, user: string): Promise<void> {
  const persona = signedIn(user, 'legacy participant');
  const seats = `SELECT conversation_id FROM public.conversation_participants WHERE user_id = ${literal(user)}`;
  const owed = {
    conversations: `SELECT id FROM public.conversations WHERE id IN (${seats}) ORDER BY id`,
    conversation_participants: `${seats} ORDER BY 1`,
    messages: `SELECT id FROM public.messages WHERE conversation_id IN (${seats}) ORDER BY id`,
  };
  for (const table of tables) {
    const { rows } = await scene.owner.query(owed[table]);
    const expected = rows.map((row) => Object.values(row)[0]);
    const key = table === 'conversation_participants' ? 'conversation_id' : 'id';
    const seen = await run(scene, persona, `SELECT ${key} FROM public.${table} ORDER BY ${key}`);
    expect(seen.rows.map(([one]) => one)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
  }
}

/** The fixed ids of the baseline: kind 0 people, 1 requests, 2 conversations. */
function id(kind: number, number: number): string {
  return `1e9ac00${kind}-0000-4000-8000-${String(number).padStart(12, '0')}`;
}
