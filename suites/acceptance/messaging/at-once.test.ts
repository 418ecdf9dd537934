/** Calls that overlap: proved by the gate, or by a transaction that both sides wait for. */

import { describe, expect, it } from 'vitest';
import { perform } from '../../../fixtures/act/act.ts';
import { during, waitsOrEnds } from '../../../fixtures/act/during.ts';
import { race } from '../../../fixtures/act/gate.ts';
import type { Probe } from '../../../fixtures/model/probe.ts';
import { literal, qualified } from '../../../fixtures/wire/escape.ts';
import { fileLab } from '../../file-lab.ts';
import { added, as, conversations, openScene, type Row, replyOf, requests, stateOf, users } from './scene.ts';
import { callOf, insertOf } from './statements.ts';

const lab = fileLab();

const offer = {
  p_help_request_id: requests.in_progress,
  p_helper_id: users.helper,
  p_initial_message: 'A proper first message',
};
const creation: Probe = { persona: as.helper, sql: callOf('create_conversation_atomic', offer) };
const note = { p_conversation_id: conversations.first, p_sender_id: users.helper, p_content: 'hello' };
const message: Probe = { persona: as.helper, sql: callOf('send_message_v2', note) };
const insertOffer: Probe = {
  persona: as.helper,
  sql: insertOf('conversations_v2', {
    help_request_id: requests.in_progress,
    requester_id: users.requester,
    helper_id: users.helper,
    initial_message: 'A proper first message',
  }),
};
const insertNote: Probe = {
  persona: as.helper,
  sql: insertOf('messages_v2', { conversation_id: conversations.first, sender_id: users.helper, content: 'hello' }),
};
const closeRequest = `UPDATE public.help_requests SET status = 'completed' WHERE id = ${literal(requests.in_progress)}`;
const closeConversation = `UPDATE public.conversations_v2 SET status = 'completed' WHERE id = ${literal(conversations.first)}`;

describe('calls at once', () => {
  it.each([
    ['T-MSG-15', 2],
    ['T-MSG-16', 20],
  ] as const)(
    '%s the same creation %i times at once makes one conversation, whose id everybody gets',
    async (_, times) => {
      await using scene = await openScene(lab);
      const before = await stateOf(scene);
      const observations = await race(scene.db, {
        lock: qualified('public', 'conversations_v2'),
        probes: Array.from({ length: times }, () => creation),
      });
      const made = await added(scene, 'conversations_v2');
      expect(made).toMatchObject([
        { help_request_id: requests.in_progress, requester_id: users.requester, helper_id: users.helper },
      ]);
      const replies = observations.map(replyOf) as readonly Row[];
      expect(replies.map(({ success, conversation_id }) => ({ success, conversation_id }))).toEqual(
        Array.from({ length: times }, () => ({ success: true, conversation_id: made[0]?.id })),
      );
      expect(replies.map((reply) => reply.message).sort()).toEqual([
        ...Array.from({ length: times - 1 }, () => 'Conversation already exists'),
        'Conversation created successfully',
      ]);
      expect({ ...(await stateOf(scene)), conversations_v2: [] }).toEqual({ ...before, conversations_v2: [] });
    },
  );

  it('T-MSG-16 20 helpers at once each get a conversation of their own', async () => {
    await using scene = await openScene(lab);
    const ids = Array.from({ length: 20 }, (_, n) => `ffffffff-0000-4000-8000-0000000000${10 + n}`);
    await scene.owner.query('INSERT INTO auth.users (id) SELECT unnest($1::uuid[])', [ids]);
    const probes = ids.map(
      (user): Probe => ({
        persona: {
          ...as.helper,
          settings: [{ name: 'request.jwt.claims', value: JSON.stringify({ sub: user, role: 'authenticated' }) }],
        },
        sql: callOf('create_conversation_atomic', { ...offer, p_helper_id: user }),
      }),
    );
    const replies = (await race(scene.db, { lock: qualified('public', 'conversations_v2'), probes })).map(replyOf);
    expect(replies).toEqual(
      ids.map(() => expect.objectContaining({ success: true, message: 'Conversation created successfully' })),
    );
    const made = await added(scene, 'conversations_v2');
    expect(made.map((row) => row.helper_id).sort()).toEqual(ids);
  });

  it.each([
    {
      what: 'the RPC opens nothing for a request',
      waiting: creation,
      ending: closeRequest,
      refusal: { error: 'Help request is no longer available' },
    },
    {
      what: 'a direct insert opens nothing for one',
      waiting: insertOffer,
      ending: closeRequest,
      refusal: { sqlstate: '42501' },
    },
    {
      what: 'the RPC sends into no conversation',
      waiting: message,
      ending: closeConversation,
      refusal: { error: 'Not authorized to send messages in this conversation' },
    },
    {
      what: 'a direct insert writes into none',
      waiting: insertNote,
      ending: closeConversation,
      refusal: { sqlstate: '42501' },
    },
  ])('T-MSG-39 $what that was closed while the call waited', async ({ waiting, ending, refusal }) => {
    await using scene = await openScene(lab);
    expect(replyOf(await during(scene, ending, waiting))).toMatchObject(refusal);
    expect(await added(scene, 'conversations_v2')).toEqual([]);
    expect(await added(scene, 'messages_v2')).toEqual([]);
  });

  it.each([
    { what: 'creates, closes the request', first: creation, ending: closeRequest, table: 'conversations_v2' },
    { what: 'inserts one, closes the request', first: insertOffer, ending: closeRequest, table: 'conversations_v2' },
    { what: 'sends, closes the conversation', first: message, ending: closeConversation, table: 'messages_v2' },
    {
      what: 'inserts one, closes the conversation',
      first: insertNote,
      ending: closeConversation,
      table: 'messages_v2',
    },
  ] as const)(
    'T-MSG-39 who, while another $what, waits until that call has ended',
    async ({ first, ending, table }) => {
      await using scene = await openScene(lab);
      await using holder = await scene.db.connect();
      await holder.script(`BEGIN; ${become(first)}; ${first.sql}`);
      const closing = perform(scene.caller, { persona: as.requester, sql: ending });
      await waitsOrEnds(scene, closing);
      await holder.script('COMMIT');
      expect(await closing).toMatchObject({ error: null, count: 1 });
      expect(await added(scene, table)).toHaveLength(1);
    },
  );
});

function become({ persona }: Probe): string {
  const settings = [{ name: 'role', value: persona.role }, ...persona.settings];
  return `SELECT ${settings.map(({ name, value }) => `set_config(${literal(name)}, ${literal(value)}, true)`).join(', ')}`;
}
