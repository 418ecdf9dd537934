/** Where several checks would refuse, the first one answers; and what a stranger cannot tell apart. */

import { describe, expect, it } from 'vitest';
import { literal } from '../../../fixtures/wire/escape.ts';
import { fileLab } from '../../file-lab.ts';
import {
  as,
  conversations,
  create,
  get,
  missing,
  openScene,
  requests,
  run,
  send,
  stateOf,
  untouched,
  users,
} from './scene.ts';
import { callOf, insertOf } from './statements.ts';

const lab = fileLab();
const unchanged = untouched(lab);
const text = 'A proper first message';
/** Too short once it is trimmed, and too long as sent. */
const padded = ' '.repeat(1001);
const long = 'x'.repeat(1001);

describe('the order of checks', () => {
  it('T-MSG-37 create checks caller, minimum, maximum, request, self, status, and the duplicate last', async () => {
    await using scene = await openScene(lab);
    await scene.owner.query("UPDATE public.help_requests SET status = 'cancelled' WHERE id = $1", [requests.open]);
    const before = await stateOf(scene);
    const replies = [
      await create(scene, as.helper, missing, users.other, padded),
      await create(scene, as.helper, missing, users.helper, padded),
      await create(scene, as.helper, missing, users.helper, long),
      await create(scene, as.requester, missing, users.requester, text),
      await create(scene, as.requester, requests.cancelled, users.requester, text),
      await create(scene, as.helper, requests.open, users.helper, text),
    ];
    expect(replies.map(errorOf)).toEqual([
      'Cannot create conversation on behalf of another user',
      'Initial message must be at least 10 characters long',
      'Initial message cannot exceed 1000 characters',
      'Help request not found',
      'Cannot create conversation with yourself',
      'Help request is no longer available',
    ]);
    expect(await stateOf(scene)).toEqual(before);
  });

  it('T-MSG-37 send checks caller, minimum, maximum, and the conversation last', () =>
    unchanged(async (scene) => {
      const replies = [
        await send(scene, as.helper, missing, users.other, padded),
        await send(scene, as.helper, missing, users.helper, padded),
        await send(scene, as.helper, missing, users.helper, long),
        await send(scene, as.helper, missing, users.helper, 'hello'),
        await get(scene, as.helper, missing, users.other),
      ];
      expect(replies.map(errorOf)).toEqual([
        'Cannot send message on behalf of another user',
        'Message content cannot be empty',
        'Message cannot exceed 1000 characters',
        'Not authorized to send messages in this conversation',
        'Cannot access conversation data for another user',
      ]);
    }));
});

describe('what a stranger learns', () => {
  const attempts = (conversation: string) => [
    callOf('send_message_v2', { p_conversation_id: conversation, p_sender_id: users.stranger, p_content: 'hello' }),
    callOf('get_conversation_v2', { p_conversation_id: conversation, p_user_id: users.stranger }),
    insertOf('messages_v2', { conversation_id: conversation, sender_id: users.stranger, content: 'hello' }),
    `UPDATE public.conversations_v2 SET status = 'cancelled' WHERE id = ${literal(conversation)}`,
    `SELECT * FROM public.conversations_v2 WHERE id = ${literal(conversation)}`,
    `SELECT * FROM public.messages_v2 WHERE conversation_id = ${literal(conversation)}`,
  ];

  it('T-MSG-38 a stranger cannot tell a conversation of others from none', () =>
    unchanged(async (scene) => {
      const seen = async (sql: string) => {
        const { rows, count, error, notices } = await run(scene, as.stranger, sql);
        return { rows, count, error, notices };
      };
      const ofOthers = attempts(conversations.first);
      for (const [at, ofNone] of attempts(missing).entries()) {
        expect(await seen(ofOthers[at] ?? ''), ofNone).toEqual(await seen(ofNone));
      }
    }));

  it('T-MSG-38 a stranger does not wait for a conversation that others are changing', () =>
    unchanged(async (scene) => {
      await using holder = await scene.db.connectAsOwner();
      await holder.script('BEGIN; SELECT 1 FROM public.conversations_v2 FOR UPDATE');
      await scene.caller.script("SET lock_timeout = '1ms'");
      for (const sql of attempts(conversations.first)) {
        expect((await run(scene, as.stranger, sql)).error?.sqlstate, sql).not.toBe('55P03');
      }
      await scene.caller.script('RESET lock_timeout');
    }));
});

function errorOf(reply: unknown): unknown {
  return (reply as { readonly error: unknown }).error;
}
