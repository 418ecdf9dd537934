/** The TypeScript client and its mapping, alone and over the database. */

import { describe, expect, it } from 'vitest';
import { signedIn } from '../../../fixtures/act/personas.ts';
import {
  getConversation,
  type RpcCaller,
  sendMessage,
  startHelpConversation,
} from '../../../supabase/messaging/client/client.ts';
import { refusalOf } from '../../../supabase/messaging/client/mapping.ts';
import { fileLab } from '../../file-lab.ts';
import { added, conversations, missing, openScene, requests, run, type Scene, untouched, users } from './scene.ts';
import { callOf } from './statements.ts';

const lab = fileLab();
const unchanged = untouched(lab);

describe('the mapping of error texts', () => {
  it.each([
    ['Conversation already exists for this help request', 'conversation_exists', 409],
    ['CONVERSATION ALREADY EXISTS', 'conversation_exists', 409],
    ['Conversation not found or access denied', 'conversation_not_found', 404],
    ['Help request not found', 'help_request_not_found', 404],
    ['Help request is no longer available', 'help_request_unavailable', 409],
    ['Cannot create conversation with yourself', 'invalid_input', 400],
    ['Not authorized to send messages in this conversation', 'permission_denied', 403],
    ['Cannot create conversation on behalf of another user', 'permission_denied', 403],
    ['Cannot send message on behalf of somebody', 'permission_denied', 403],
    ['Cannot access conversation data for another user', 'permission_denied', 403],
    ['Initial message must be at least 10 characters long', 'validation_error', 400],
    ['Initial message cannot exceed 1000 characters', 'validation_error', 400],
    ['Message content cannot be empty', 'validation_error', 400],
  ])('T-MSG-43 %s → %s, %i', (error, code, status) => {
    expect(refusalOf(error)).toEqual({ ok: false, code, status, message: error });
  });

  it('T-MSG-43 the first match wins', () => {
    expect(refusalOf('already exists, conversation not found, empty')).toMatchObject({ code: 'conversation_exists' });
    expect(refusalOf('empty, another user, not found')).toMatchObject({ code: 'help_request_not_found' });
    expect(refusalOf('empty, yourself, not authorized')).toMatchObject({ code: 'invalid_input' });
  });

  it.each(['permission denied for table secrets', ''])('T-MSG-43 an unknown text is not passed on: "%s"', (error) => {
    expect(refusalOf(error)).toEqual({
      ok: false,
      code: 'internal_error',
      status: 500,
      message: 'Something went wrong',
    });
  });
});

describe('the client', () => {
  it('T-MSG-44 a whole exchange takes one RPC a call', async () => {
    await using scene = await openScene(lab);
    const helper = over(scene, users.helper);
    const offer = {
      helpRequestId: requests.in_progress,
      helperId: users.helper,
      initialMessage: 'A proper first message',
    };
    const started = await startHelpConversation(helper, offer);
    const conversationId = started.ok ? started.conversationId : '';
    expect(await added(scene, 'conversations_v2')).toMatchObject([{ id: conversationId }]);
    expect(started).toEqual({ ok: true, conversationId, created: true });
    expect(await startHelpConversation(helper, offer)).toEqual({ ok: true, conversationId, created: false });
    const sent = await sendMessage(helper, { conversationId, senderId: users.helper, content: 'hello' });
    expect(await added(scene, 'messages_v2')).toMatchObject([{ id: sent.ok ? sent.messageId : '', content: 'hello' }]);
    expect(
      await getConversation(over(scene, users.requester), { conversationId, userId: users.requester }),
    ).toMatchObject({
      ok: true,
      conversation: { id: conversationId, status: 'active' },
      messages: [{ content: 'hello' }],
    });
    expect(helper.calls).toEqual(['create_conversation_atomic', 'create_conversation_atomic', 'send_message_v2']);
  });

  it('T-MSG-44 refusals are values', () =>
    unchanged(async (scene) => {
      const stranger = over(scene, users.stranger);
      const [conversationId, helpRequestId, initialMessage] = [
        conversations.first,
        requests.in_progress,
        'A proper first message',
      ];
      expect(
        await startHelpConversation(stranger, { helpRequestId, helperId: users.helper, initialMessage }),
      ).toMatchObject({ code: 'permission_denied' });
      expect(
        await startHelpConversation(stranger, { helpRequestId: missing, helperId: users.stranger, initialMessage }),
      ).toMatchObject({ code: 'help_request_not_found' });
      expect(await sendMessage(stranger, { conversationId, senderId: users.stranger, content: 'hello' })).toMatchObject(
        { status: 403 },
      );
      expect(await getConversation(stranger, { conversationId, userId: users.stranger })).toMatchObject({
        code: 'conversation_not_found',
      });
    }));

  it.each([
    { what: 'an error of the server', reply: { data: null, error: { message: 'deadlock detected' } } },
    { what: 'an empty reply', reply: { data: null, error: null } },
    { what: 'a reply that is no object', reply: { data: 'success', error: null } },
    { what: 'a refusal without a text', reply: { data: { success: false }, error: null } },
  ])('T-MSG-44 $what is an internal error', async ({ reply }) => {
    const caller: RpcCaller = { rpc: async () => reply };
    const ids = {
      conversationId: missing,
      helpRequestId: missing,
      helperId: missing,
      senderId: missing,
      userId: missing,
    };
    const internal = { ok: false, code: 'internal_error', status: 500, message: 'Something went wrong' };
    expect(await startHelpConversation(caller, { ...ids, initialMessage: 'A proper first message' })).toEqual(internal);
    expect(await sendMessage(caller, { ...ids, content: 'hello' })).toEqual(internal);
    expect(await getConversation(caller, ids)).toEqual(internal);
  });

  it('T-MSG-44 an error that the base stage raises is mapped by its text', async () => {
    await using scene = await openScene(lab, 'base');
    const offer = { helpRequestId: requests.open, helperId: users.helper, initialMessage: 'A proper first message' };
    expect(await startHelpConversation(over(scene, users.helper), offer)).toMatchObject({
      ok: false,
      code: 'conversation_exists',
      status: 409,
    });
    expect(await added(scene, 'conversations_v2')).toEqual([]);
  });
});

/** The client's way in, over a connection of the scene; `calls` lists the RPCs it made. */
function over(scene: Scene, user: string): RpcCaller & { readonly calls: readonly string[] } {
  const calls: string[] = [];
  return {
    calls,
    rpc: async (name, args) => {
      calls.push(name);
      const named = Object.fromEntries(
        Object.entries(args).map(([key, value]) => [key, value === null ? null : String(value)]),
      );
      const { rows, error } = await run(scene, signedIn(user), callOf(name, named));
      return { data: error ? null : JSON.parse(rows[0]?.[0] ?? 'null'), error };
    },
  };
}
