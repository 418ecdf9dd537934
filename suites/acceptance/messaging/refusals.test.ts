/** The contract of refusals: texts, order of checks, and that nothing is written or told. */

import { describe, expect, it } from 'vitest';
import { noSub } from '../../../fixtures/act/personas.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import { type Arguments, as, call, callOf, conversations, create, get, messagingLab, missing, openScene, requests, run, send, stateOf, users } from './scene.ts';

const lab = messagingLab();

const offer = { p_help_request_id: requests.in_progress, p_helper_id: users.helper, p_initial_message: 'A proper first message' };
const note = { p_conversation_id: conversations.first, p_sender_id: users.helper, p_content: 'hello' };
const look = { p_conversation_id: conversations.first, p_user_id: users.helper };

interface Case {
  readonly when: string;
  /** Who calls; the helper where nobody is named. */
  readonly by?: keyof typeof as;
  readonly args: Arguments;
  readonly error: string;
}

/** Each time one thing is wrong. */
const cases: Readonly<Record<string, readonly Case[]>> = {
  create_conversation_atomic: [
    { when: 'the caller is not p_helper_id', args: { ...offer, p_helper_id: users.other }, error: 'Cannot create conversation on behalf of another user' },
    { when: 'the initial message is null', args: { ...offer, p_initial_message: null }, error: 'Initial message must be at least 10 characters long' },
    { when: 'the initial message is short', args: { ...offer, p_initial_message: ' too short ' }, error: 'Initial message must be at least 10 characters long' },
    { when: 'the initial message is long', args: { ...offer, p_initial_message: 'x'.repeat(1001) }, error: 'Initial message cannot exceed 1000 characters' },
    { when: 'there is no such request', args: { ...offer, p_help_request_id: missing }, error: 'Help request not found' },
    { when: 'the request is null', args: { ...offer, p_help_request_id: null }, error: 'Help request not found' },
    { when: 'the helper is the requester', by: 'requester', args: { ...offer, p_helper_id: users.requester }, error: 'Cannot create conversation with yourself' },
    { when: 'the request is completed', args: { ...offer, p_help_request_id: requests.completed }, error: 'Help request is no longer available' },
    { when: 'the request is cancelled', args: { ...offer, p_help_request_id: requests.cancelled }, error: 'Help request is no longer available' },
  ],
  send_message_v2: [
    { when: 'the caller is not p_sender_id', args: { ...note, p_sender_id: users.requester }, error: 'Cannot send message on behalf of another user' },
    { when: 'the content is null', args: { ...note, p_content: null }, error: 'Message content cannot be empty' },
    { when: 'the content is empty', args: { ...note, p_content: '  ' }, error: 'Message content cannot be empty' },
    { when: 'the content is long', args: { ...note, p_content: 'x'.repeat(1001) }, error: 'Message cannot exceed 1000 characters' },
    { when: 'the caller does not take part', args: { ...note, p_conversation_id: conversations.second }, error: 'Not authorized to send messages in this conversation' },
    { when: 'there is no such conversation', args: { ...note, p_conversation_id: missing }, error: 'Not authorized to send messages in this conversation' },
    { when: 'the conversation is null', args: { ...note, p_conversation_id: null }, error: 'Not authorized to send messages in this conversation' },
  ],
  get_conversation_v2: [
    { when: 'the caller is not p_user_id', args: { ...look, p_user_id: users.requester }, error: 'Cannot access conversation data for another user' },
    { when: 'the caller does not take part', args: { ...look, p_conversation_id: conversations.second }, error: 'Conversation not found or access denied' },
    { when: 'there is no such conversation', args: { ...look, p_conversation_id: missing }, error: 'Conversation not found or access denied' },
    { when: 'the conversation is null', args: { ...look, p_conversation_id: null }, error: 'Conversation not found or access denied' },
  ],
};
const outcome: Readonly<Record<string, object>> = {
  create_conversation_atomic: { message: 'Failed to create conversation' },
  send_message_v2: { message: 'Failed to send message' },
  get_conversation_v2: {},
};

describe('the contract of refusals', () => {
  const all = Object.entries(cases).flatMap(([routine, list]) => list.map((one) => ({ routine, ...one })));
  it.each(all)('T-MSG-07 $routine refuses when $when, and writes nothing', async ({ routine, by = 'helper', args, error }) => {
    await using scene = await openScene(lab);
    const before = await stateOf(scene);
    expect(await call(scene, as[by], routine, args)).toEqual({ success: false, error, ...outcome[routine] });
    expect(await stateOf(scene)).toEqual(before);
  });

  it.each(Object.keys(cases))('T-MSG-07 %s refuses a caller who is nobody', async (routine) => {
    await using scene = await openScene(lab);
    const before = await stateOf(scene);
    const args: Arguments = { create_conversation_atomic: offer, send_message_v2: note, get_conversation_v2: look }[routine] ?? {};
    const reply = await call(scene, noSub(), routine, args);
    expect(reply).toEqual({ success: false, error: cases[routine]?.[0]?.error, ...outcome[routine] });
    expect(await stateOf(scene)).toEqual(before);
  });

  it('T-MSG-37 create checks caller, minimum, maximum, request, self, status, and the duplicate last', async () => {
    await using scene = await openScene(lab);
    await scene.owner.script(`UPDATE public.help_requests SET status = 'cancelled' WHERE id = ${literal(requests.open)}`);
    const before = await stateOf(scene);
    const padded = ' '.repeat(1001);
    expect(await create(scene, as.helper, missing, users.other, padded)).toMatchObject({ error: expect.stringContaining('on behalf of') });
    expect(await create(scene, as.helper, missing, users.helper, padded)).toMatchObject({ error: expect.stringContaining('at least 10') });
    expect(await create(scene, as.helper, missing, users.helper, 'x'.repeat(1001))).toMatchObject({ error: expect.stringContaining('exceed 1000') });
    expect(await create(scene, as.requester, requests.cancelled, users.requester, 'A proper first message')).toMatchObject({ error: expect.stringContaining('yourself') });
    expect(await create(scene, as.helper, requests.open, users.helper, 'A proper first message')).toMatchObject({ error: expect.stringContaining('no longer available') });
    expect(await stateOf(scene)).toEqual(before);
  });

  it('T-MSG-37 send checks caller, minimum, maximum, and the conversation last', async () => {
    await using scene = await openScene(lab);
    const before = await stateOf(scene);
    const padded = ' '.repeat(1001);
    expect(await send(scene, as.helper, missing, users.other, padded)).toMatchObject({ error: expect.stringContaining('on behalf of') });
    expect(await send(scene, as.helper, missing, users.helper, padded)).toMatchObject({ error: expect.stringContaining('empty') });
    expect(await send(scene, as.helper, missing, users.helper, 'x'.repeat(1001))).toMatchObject({ error: expect.stringContaining('exceed 1000') });
    expect(await get(scene, as.helper, missing, users.other)).toMatchObject({ error: expect.stringContaining('for another user') });
    expect(await stateOf(scene)).toEqual(before);
  });

  it('T-MSG-38 a stranger cannot tell a conversation of others from none', async () => {
    await using scene = await openScene(lab);
    const before = await stateOf(scene);
    const seen = async (conversation: string) => {
      const statements = [
        callOf('send_message_v2', { p_conversation_id: conversation, p_sender_id: users.stranger, p_content: 'hello' }),
        callOf('get_conversation_v2', { p_conversation_id: conversation, p_user_id: users.stranger }),
        `INSERT INTO public.messages_v2 (conversation_id, sender_id, content) VALUES (${literal(conversation)}, ${literal(users.stranger)}, 'hello')`,
        `UPDATE public.conversations_v2 SET status = 'cancelled' WHERE id = ${literal(conversation)}`,
        `SELECT * FROM public.conversations_v2 WHERE id = ${literal(conversation)}`,
        `SELECT * FROM public.messages_v2 WHERE conversation_id = ${literal(conversation)}`,
      ];
      const observations = [];
      for (const sql of statements) observations.push(await run(scene, as.stranger, sql));
      return observations.map(({ rows, count, error, notices }) => ({ rows, count, error, notices }));
    };
    expect(await seen(conversations.first)).toEqual(await seen(missing));
    expect(await stateOf(scene)).toEqual(before);
  });
});
