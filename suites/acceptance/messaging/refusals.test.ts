/** The contract of refusals: texts, order of checks, and that nothing is written or told. */

import { describe, expect, it } from 'vitest';
import { noSub } from '../../../fixtures/act/personas.ts';
import { fileLab } from '../../file-lab.ts';
import { as, call, conversations, missing, requests, untouched, users } from './scene.ts';
import type { Arguments } from './statements.ts';

const lab = fileLab();
const unchanged = untouched(lab);

const offer = {
  p_help_request_id: requests.in_progress,
  p_helper_id: users.helper,
  p_initial_message: 'A proper first message',
};
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
    {
      when: 'the caller is not p_helper_id',
      args: { ...offer, p_helper_id: users.other },
      error: 'Cannot create conversation on behalf of another user',
    },
    {
      when: 'the initial message is null',
      args: { ...offer, p_initial_message: null },
      error: 'Initial message must be at least 10 characters long',
    },
    {
      when: 'the initial message is short',
      args: { ...offer, p_initial_message: ' too short ' },
      error: 'Initial message must be at least 10 characters long',
    },
    {
      when: 'the initial message is long',
      args: { ...offer, p_initial_message: 'x'.repeat(1001) },
      error: 'Initial message cannot exceed 1000 characters',
    },
    {
      when: 'there is no such request',
      args: { ...offer, p_help_request_id: missing },
      error: 'Help request not found',
    },
    { when: 'the request is null', args: { ...offer, p_help_request_id: null }, error: 'Help request not found' },
    {
      when: 'the helper is the requester',
      by: 'requester',
      args: { ...offer, p_helper_id: users.requester },
      error: 'Cannot create conversation with yourself',
    },
    {
      when: 'the request is completed',
      args: { ...offer, p_help_request_id: requests.completed },
      error: 'Help request is no longer available',
    },
    {
      when: 'the request is cancelled',
      args: { ...offer, p_help_request_id: requests.cancelled },
      error: 'Help request is no longer available',
    },
  ],
  send_message_v2: [
    {
      when: 'the caller is not p_sender_id',
      args: { ...note, p_sender_id: users.requester },
      error: 'Cannot send message on behalf of another user',
    },
    { when: 'the content is null', args: { ...note, p_content: null }, error: 'Message content cannot be empty' },
    { when: 'the content is empty', args: { ...note, p_content: '  ' }, error: 'Message content cannot be empty' },
    {
      when: 'the content is long',
      args: { ...note, p_content: 'x'.repeat(1001) },
      error: 'Message cannot exceed 1000 characters',
    },
    {
      when: 'the caller does not take part',
      args: { ...note, p_conversation_id: conversations.second },
      error: 'Not authorized to send messages in this conversation',
    },
    {
      when: 'there is no such conversation',
      args: { ...note, p_conversation_id: missing },
      error: 'Not authorized to send messages in this conversation',
    },
    {
      when: 'the conversation is null',
      args: { ...note, p_conversation_id: null },
      error: 'Not authorized to send messages in this conversation',
    },
  ],
  get_conversation_v2: [
    {
      when: 'the caller is not p_user_id',
      args: { ...look, p_user_id: users.requester },
      error: 'Cannot access conversation data for another user',
    },
    {
      when: 'the caller does not take part',
      args: { ...look, p_conversation_id: conversations.second },
      error: 'Conversation not found or access denied',
    },
    {
      when: 'there is no such conversation',
      args: { ...look, p_conversation_id: missing },
      error: 'Conversation not found or access denied',
    },
    {
      when: 'the conversation is null',
      args: { ...look, p_conversation_id: null },
      error: 'Conversation not found or access denied',
    },
  ],
};
const outcome: Readonly<Record<string, object>> = {
  create_conversation_atomic: { message: 'Failed to create conversation' },
  send_message_v2: { message: 'Failed to send message' },
  get_conversation_v2: {},
};

describe('the contract of refusals', () => {
  const all = Object.entries(cases).flatMap(([routine, list]) => list.map((one) => ({ routine, ...one })));
  it.each(all)('T-MSG-07 $routine refuses when $when, and writes nothing', ({ routine, by = 'helper', args, error }) =>
    unchanged(async (scene) => {
      expect(await call(scene, as[by], routine, args)).toEqual({ success: false, error, ...outcome[routine] });
    }),
  );

  it.each(Object.keys(cases))('T-MSG-07 %s refuses a caller who is nobody', (routine) =>
    unchanged(async (scene) => {
      const args: Arguments =
        { create_conversation_atomic: offer, send_message_v2: note, get_conversation_v2: look }[routine] ?? {};
      const reply = await call(scene, noSub(), routine, args);
      expect(reply).toEqual({ success: false, error: cases[routine]?.[0]?.error, ...outcome[routine] });
    }),
  );
});
