/** What direct statements on messages must not do that the RPCs refuse, and what the tables do by themselves. */

import { describe, expect, it } from 'vitest';
import { anon, noSub } from '../../../fixtures/act/personas.ts';
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

const note = { conversation_id: conversations.first, sender_id: users.helper, content: 'hello' };
const denied = '42501';

describe('direct statements on messages', () => {
  it('T-MSG-33 a participant writes as themselves, and reads the messages of their conversations alone', async () => {
    await using scene = await openScene(lab);
    expect(await run(scene, as.helper, `${insertOf('messages_v2', note)} RETURNING content`)).toMatchObject({
      error: null,
      rows: [['hello']],
    });
    expect(await added(scene, 'messages_v2')).toMatchObject([note]);
    const seen = async (persona: typeof as.helper) =>
      (await run(scene, persona, 'SELECT content FROM public.messages_v2 ORDER BY created_at')).rows.flat();
    expect(await seen(as.requester)).toEqual(['first', 'second', 'hello']);
    expect(await seen(as.helper)).toEqual(['first', 'second', 'hello']);
    for (const persona of [as.other, as.stranger, noSub()]) expect(await seen(persona)).toEqual([]);
  });

  it.each([
    { what: 'in the name of the other participant', by: as.requester, row: note },
    { what: 'in the name of a participant', by: as.stranger, row: note },
    {
      what: 'as themselves into a conversation of others',
      by: as.stranger,
      row: { ...note, sender_id: users.stranger },
    },
    { what: 'beside another helper of the request', by: as.other, row: { ...note, sender_id: users.other } },
    { what: 'into no conversation', by: as.helper, row: { ...note, conversation_id: missing } },
    { what: 'without sub', by: noSub(), row: note },
    { what: 'anonymously', by: anon(), row: note },
    { what: 'with an id of their choice', by: as.helper, row: { ...note, id: missing } },
    { what: 'with a time of their choice', by: as.helper, row: { ...note, created_at: '2020-01-01' } },
    { what: 'with a change time of their choice', by: as.helper, row: { ...note, updated_at: '2020-01-01' } },
  ])('T-MSG-33 nobody inserts a message $what', ({ by, row }) =>
    unchanged(async (scene) => {
      expect(await refusalOf(scene, by, insertOf('messages_v2', row))).toBe(denied);
    }),
  );

  it('T-MSG-33 the policy alone refuses a closed conversation, without the second look behind the lock', async () => {
    await using scene = await openScene(lab);
    await scene.owner.script(`
      ALTER TABLE public.messages_v2 DISABLE TRIGGER recheck_conversation;
      UPDATE public.conversations_v2 SET status = 'completed'`);
    expect(await refusalOf(scene, as.helper, insertOf('messages_v2', note))).toBe(denied);
    expect(await added(scene, 'messages_v2')).toEqual([]);
  });

  it('T-MSG-33 nobody changes or deletes a message', () =>
    unchanged(async (scene) => {
      for (const persona of [as.helper, as.requester, as.stranger, noSub(), anon()]) {
        for (const sql of [
          "UPDATE public.messages_v2 SET content = 'x'",
          'UPDATE public.messages_v2 SET updated_at = now()',
          'DELETE FROM public.messages_v2',
        ]) {
          expect(await refusalOf(scene, persona, sql)).toBe(denied);
        }
      }
    }));
});

describe('what the tables do by themselves', () => {
  it('T-MSG-41 changing a message moves its time', async () => {
    await using scene = await openScene(lab);
    const times = async () =>
      (await stateOf(scene, 'messages_v2')).messages_v2?.map((row) => Date.parse(String(row.updated_at))) ?? [];
    const before = Math.max(...(await times()));
    await scene.owner.query("UPDATE public.messages_v2 SET updated_at = '2020-01-01'");
    expect(Math.min(...(await times()))).toBeGreaterThan(before);
  });

  it('T-MSG-46 deleting a request deletes its conversations and their messages', async () => {
    await using scene = await openScene(lab);
    await scene.owner.query('DELETE FROM public.help_requests WHERE id = $1', [requests.open]);
    expect(await stateOf(scene, 'conversations_v2', 'messages_v2')).toEqual({ conversations_v2: [], messages_v2: [] });
  });
});
