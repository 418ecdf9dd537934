/** The three RPCs, each called in somebody's name, and the refusal that the head owes to anybody else. */

import { type as, conversations, requests, users } from './scene.ts';
import type { Arguments } from './statements.ts';

export interface Impersonation {
  readonly name: string;
  readonly routine: string;
  readonly identity: string;
  readonly args: Arguments;
  /** Takes part beside the person who is named. */
  readonly partner: keyof typeof as;
  readonly refusal: object;
  /** What the rightful caller gets; an impersonation that gets it has succeeded. */
  readonly success: object;
  /** Table in which success shows as one more row; null: nothing is written. */
  readonly writes: 'conversations_v2' | 'messages_v2' | null;
}

export const impersonations: readonly Impersonation[] = [
  {
    name: "a conversation in the helper's name",
    routine: 'create_conversation_atomic',
    identity: 'p_helper_id',
    args: {
      p_help_request_id: requests.in_progress,
      p_helper_id: users.helper,
      p_initial_message: 'A proper first message',
    },
    partner: 'requester',
    refusal: {
      success: false,
      error: 'Cannot create conversation on behalf of another user',
      message: 'Failed to create conversation',
    },
    success: { success: true, message: 'Conversation created successfully' },
    writes: 'conversations_v2',
  },
  {
    name: "a message in the helper's name",
    routine: 'send_message_v2',
    identity: 'p_sender_id',
    args: { p_conversation_id: conversations.first, p_sender_id: users.helper, p_content: 'hello' },
    partner: 'requester',
    refusal: {
      success: false,
      error: 'Cannot send message on behalf of another user',
      message: 'Failed to send message',
    },
    success: { success: true, message: 'Message sent successfully' },
    writes: 'messages_v2',
  },
  {
    name: "a message in the requester's name",
    routine: 'send_message_v2',
    identity: 'p_sender_id',
    args: { p_conversation_id: conversations.first, p_sender_id: users.requester, p_content: 'hello' },
    partner: 'helper',
    refusal: {
      success: false,
      error: 'Cannot send message on behalf of another user',
      message: 'Failed to send message',
    },
    success: { success: true, message: 'Message sent successfully' },
    writes: 'messages_v2',
  },
  {
    name: 'the conversation as its helper',
    routine: 'get_conversation_v2',
    identity: 'p_user_id',
    args: { p_conversation_id: conversations.first, p_user_id: users.helper },
    partner: 'requester',
    refusal: { success: false, error: 'Cannot access conversation data for another user' },
    success: {
      conversation: { id: conversations.first, initial_message: 'Helper offers a hand' },
      messages: [{ content: 'first' }, { content: 'second' }],
    },
    writes: null,
  },
  {
    name: 'the conversation as its requester',
    routine: 'get_conversation_v2',
    identity: 'p_user_id',
    args: { p_conversation_id: conversations.first, p_user_id: users.requester },
    partner: 'helper',
    refusal: { success: false, error: 'Cannot access conversation data for another user' },
    success: {
      conversation: { id: conversations.first, initial_message: 'Helper offers a hand' },
      messages: [{ content: 'first' }, { content: 'second' }],
    },
    writes: null,
  },
];
