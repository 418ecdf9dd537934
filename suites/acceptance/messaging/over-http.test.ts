/** The TypeScript client as an application uses it, over supabase-js; and the statuses with which the door itself refuses. */

import { describe, expect, it } from 'vitest';
import { anon } from '../../../fixtures/act/personas.ts';
import { clientsOf } from '../../../fixtures/http/client.ts';
import type { Persona } from '../../../fixtures/model/persona.ts';
import {
  getConversation,
  type RpcCaller,
  sendMessage,
  startHelpConversation,
} from '../../../supabase/messaging/client/client.ts';
import { fileLab } from '../../file-lab.ts';
import { added, as, conversations, missing, openScene, requests, type Scene, stateOf, users } from './scene.ts';

const lab = fileLab();

const text = 'A proper first message';
const offer = { helpRequestId: requests.in_progress, helperId: users.helper, initialMessage: text };
const note = { conversationId: conversations.first, senderId: users.helper, content: 'hello' };
const look = { conversationId: conversations.first, userId: users.helper };

describe('the client over HTTP', () => {
  it('T-MSG-44 gets through a whole exchange', async () => {
    await using scene = await openScene(lab);
    const { as: caller } = await enter(scene);
    const [helper, requester] = [await caller(as.helper), await caller(as.requester)];
    const started = await startHelpConversation(helper, offer);
    const conversationId = started.ok ? started.conversationId : '';
    expect(started).toEqual({ ok: true, conversationId, created: true });
    expect(await startHelpConversation(helper, offer)).toEqual({ ok: true, conversationId, created: false });
    const sent = await sendMessage(helper, { ...note, conversationId });
    expect(await added(scene, 'messages_v2')).toMatchObject([{ id: sent.ok ? sent.messageId : '', content: 'hello' }]);
    expect(await getConversation(requester, { conversationId, userId: users.requester })).toMatchObject({
      ok: true,
      conversation: { id: conversationId, status: 'active', initial_message: text },
      messages: [{ content: 'hello' }],
    });
  });

  it.each([
    ['permission_denied', 403, startHelpConversation, { ...offer, helperId: users.other }],
    ['validation_error', 400, startHelpConversation, { ...offer, initialMessage: 'too short' }],
    ['validation_error', 400, startHelpConversation, { ...offer, initialMessage: 'x'.repeat(1001) }],
    ['help_request_not_found', 404, startHelpConversation, { ...offer, helpRequestId: missing }],
    ['help_request_unavailable', 409, startHelpConversation, { ...offer, helpRequestId: requests.completed }],
    ['permission_denied', 403, sendMessage, { ...note, senderId: users.requester }],
    ['validation_error', 400, sendMessage, { ...note, content: ' ' }],
    ['permission_denied', 403, sendMessage, { ...note, conversationId: conversations.second }],
    ['permission_denied', 403, getConversation, { ...look, userId: users.requester }],
    ['conversation_not_found', 404, getConversation, { ...look, conversationId: conversations.second }],
    ['conversation_not_found', 404, getConversation, { ...look, conversationId: missing }],
  ] as const)('T-MSG-43 maps a refusal to %s, %i, and nothing is written', async (code, status, method, args) => {
    await using scene = await openScene(lab);
    const { as: caller } = await enter(scene);
    const before = await stateOf(scene);
    const ask = method as (caller: RpcCaller, args: object) => Promise<object>;
    expect(await ask(await caller(as.helper), args)).toMatchObject({ ok: false, code, status });
    expect(await stateOf(scene)).toEqual(before);
  });

  it('T-MSG-43 maps help for oneself to invalid_input, 400', async () => {
    await using scene = await openScene(lab);
    const { as: caller } = await enter(scene);
    expect(
      await startHelpConversation(await caller(as.requester), { ...offer, helperId: users.requester }),
    ).toMatchObject({ code: 'invalid_input', status: 400 });
  });

  it('T-MSG-43 maps the key that the base stage runs into to conversation_exists, 409', async () => {
    await using scene = await openScene(lab, 'base');
    const { as: caller } = await enter(scene);
    expect(
      await startHelpConversation(await caller(as.helper), { ...offer, helpRequestId: requests.open }),
    ).toMatchObject({ code: 'conversation_exists', status: 409 });
    expect(await added(scene, 'conversations_v2')).toEqual([]);
  });
});

describe('the door', () => {
  const direct = { help_request_id: requests.in_progress, requester_id: users.requester, helper_id: users.helper };
  const insert = { ...direct, initial_message: text };
  it.each<[string, Persona, object, { status: number; code: string | null }]>([
    ['a conversation of their own', as.helper, insert, { status: 201, code: null }],
    ['a conversation as somebody else', as.stranger, insert, { status: 403, code: '42501' }],
    ['a conversation as nobody', anon(), insert, { status: 401, code: '42501' }],
    ['a first message that is short', as.helper, { ...insert, initial_message: 'x' }, { status: 400, code: '23514' }],
    [
      'a conversation that there is',
      as.helper,
      { ...insert, help_request_id: requests.open },
      { status: 409, code: '23505' },
    ],
    ['an id that is none', as.helper, { ...insert, helper_id: 'x' }, { status: 400, code: '22P02' }],
    ['a column that there is not', as.helper, { ...insert, nothing: 1 }, { status: 400, code: 'PGRST204' }],
  ])('T-MSG-31 answers an insert of %s with its status', async (_, persona, row, { status, code }) => {
    await using scene = await openScene(lab);
    const { client } = await enter(scene);
    const reply = await (await client(persona)).from('conversations_v2').insert(row);
    expect({ status: reply.status, code: reply.error?.code ?? null }).toEqual({ status, code });
    expect(await added(scene, 'conversations_v2')).toHaveLength(status === 201 ? 1 : 0);
  });

  it('T-MSG-35 refuses a call of anon with 401, and answers a refusal in words with 200', async () => {
    await using scene = await openScene(lab);
    const { client } = await enter(scene);
    const args = { p_conversation_id: conversations.first, p_user_id: users.helper };
    const ofAnon = await (await client(anon())).rpc('get_conversation_v2', args);
    expect([ofAnon.status, ofAnon.error?.code]).toEqual([401, '42501']);
    const ofOther = await (await client(as.stranger)).rpc('get_conversation_v2', args);
    expect([ofOther.status, ofOther.data]).toMatchObject([200, { success: false }]);
  });
});

/** Clients on a door to the scene's database, each request counted; as supabase-js, and as what the system's client takes. */
async function enter(scene: Scene) {
  const { door: way } = lab;
  if (way === undefined) throw new Error('this file runs over HTTP alone');
  const door = await way.open(scene.db);
  const fetch: typeof globalThis.fetch = (input, init) => {
    way.ways.http(door.kind);
    return door.fetch(input, init);
  };
  const clients = clientsOf({ ...door, fetch });
  return {
    client: clients.as,
    as: async (persona: Persona): Promise<RpcCaller> => {
      const client = await clients.as(persona);
      return { rpc: (name, args) => client.rpc(name, args) };
    },
  };
}
