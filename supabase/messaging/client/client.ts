/** Messaging V2 for a TypeScript caller: one RPC a call, refusals as values. */

import { type Refusal, refusalOf } from './mapping.ts';

/** As much of supabase-js as is needed here. */
export interface RpcCaller {
  rpc(
    name: string,
    args: Readonly<Record<string, unknown>>,
  ): PromiseLike<{ readonly data: unknown; readonly error: { readonly message: string } | null }>;
}

export interface Started {
  readonly ok: true;
  readonly conversationId: string;
  /** False: this pair had a conversation already, and this is its id. */
  readonly created: boolean;
}

export interface Sent {
  readonly ok: true;
  readonly messageId: string;
}

export interface Opened {
  readonly ok: true;
  readonly conversation: Conversation;
  /** Oldest first. */
  readonly messages: readonly Message[];
}

/** Times are ISO 8601 texts, as PostgreSQL writes them into JSON. */
export interface Conversation {
  readonly id: string;
  readonly help_request_id: string;
  readonly requester_id: string;
  readonly helper_id: string;
  readonly initial_message: string;
  readonly status: 'active' | 'completed' | 'cancelled';
  readonly created_at: string;
  readonly updated_at: string;
}

export interface Message {
  readonly id: string;
  readonly sender_id: string;
  readonly content: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** Offers help: creates the conversation with its first message, or finds the one that is there. */
export async function startHelpConversation(
  caller: RpcCaller,
  offer: { readonly helpRequestId: string; readonly helperId: string; readonly initialMessage: string },
): Promise<Started | Refusal> {
  const reply = await call(caller, 'create_conversation_atomic', {
    p_help_request_id: offer.helpRequestId,
    p_helper_id: offer.helperId,
    p_initial_message: offer.initialMessage,
  });
  if (!holds(reply, 'conversation_id')) return refused(reply);
  return {
    ok: true,
    conversationId: String(reply.conversation_id),
    created: reply.message !== 'Conversation already exists',
  };
}

/** Writes one message as `senderId`. */
export async function sendMessage(
  caller: RpcCaller,
  message: { readonly conversationId: string; readonly senderId: string; readonly content: string },
): Promise<Sent | Refusal> {
  const reply = await call(caller, 'send_message_v2', {
    p_conversation_id: message.conversationId,
    p_sender_id: message.senderId,
    p_content: message.content,
  });
  return holds(reply, 'message_id') ? { ok: true, messageId: String(reply.message_id) } : refused(reply);
}

/** Reads a conversation and its messages as `userId`. */
export async function getConversation(
  caller: RpcCaller,
  wanted: { readonly conversationId: string; readonly userId: string },
): Promise<Opened | Refusal> {
  const reply = await call(caller, 'get_conversation_v2', {
    p_conversation_id: wanted.conversationId,
    p_user_id: wanted.userId,
  });
  if (!holds(reply, 'conversation')) return refused(reply);
  // The shapes are the function's contract, which the acceptance tests hold it to.
  return { ok: true, conversation: reply.conversation as Conversation, messages: reply.messages as readonly Message[] };
}

type Reply = Readonly<Record<string, unknown>>;

async function call(caller: RpcCaller, name: string, args: Readonly<Record<string, unknown>>): Promise<Reply> {
  const { data, error } = await caller.rpc(name, args);
  if (error) return { success: false, error: error.message };
  return typeof data === 'object' && data !== null ? { ...data } : {};
}

function holds(reply: Reply, key: string): boolean {
  return reply.success !== false && key in reply;
}

/** A reply that is neither success nor a refusal has no text to map, and is an internal error. */
function refused(reply: Reply): Refusal {
  return refusalOf(typeof reply.error === 'string' ? reply.error : '');
}
