/** The exchange as it is meant, by both parties. */

import { describe, expect, it } from 'vitest';
import { fileLab } from '../../file-lab.ts';
import {
  added,
  as,
  conversations,
  create,
  get,
  openScene,
  type RequestStatus,
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
const text = 'I can bring the groceries on Friday';

describe('the exchange of messages', () => {
  it('T-MSG-06 helper and requester get through the whole exchange', async () => {
    await using scene = await openScene(lab);
    const opened = await create(scene, as.helper, requests.in_progress, users.helper, text);
    expect(opened).toEqual({
      success: true,
      conversation_id: expect.any(String),
      message: 'Conversation created successfully',
    });
    const id = idIn(opened, 'conversation_id');
    expect(await added(scene, 'conversations_v2')).toEqual([
      expect.objectContaining({
        id,
        help_request_id: requests.in_progress,
        requester_id: users.requester,
        helper_id: users.helper,
        initial_message: text,
        status: 'active',
      }),
    ]);
    for (const [persona, user, content] of [
      [as.requester, users.requester, 'Thank you!'],
      [as.helper, users.helper, 'Until Friday'],
    ] as const) {
      const sent = await send(scene, persona, id, user, content);
      expect(sent).toEqual({ success: true, message_id: expect.any(String), message: 'Message sent successfully' });
      expect(await added(scene, 'messages_v2')).toContainEqual(
        expect.objectContaining({ id: idIn(sent, 'message_id'), conversation_id: id, sender_id: user, content }),
      );
    }
    await bothRead(scene, id);
  });

  it('T-MSG-12 nobody opens a conversation about their own request', () =>
    unchanged(async (scene) => {
      expect(await create(scene, as.requester, requests.open, users.requester, text)).toEqual(
        refused('Cannot create conversation with yourself'),
      );
    }));

  it.each(['open', 'in_progress'] as const)(
    'T-MSG-13 a request that is %s takes a conversation',
    async (status: RequestStatus) => {
      await using scene = await openScene(lab);
      expect(await create(scene, as.stranger, requests[status], users.stranger, text)).toMatchObject({ success: true });
      expect(await added(scene, 'conversations_v2')).toMatchObject([
        { help_request_id: requests[status], helper_id: users.stranger },
      ]);
    },
  );

  it.each(['completed', 'cancelled'] as const)('T-MSG-13 a request that is %s takes none', (status: RequestStatus) =>
    unchanged(async (scene) => {
      expect(await create(scene, as.stranger, requests[status], users.stranger, text)).toEqual(
        refused('Help request is no longer available'),
      );
    }),
  );

  it('T-MSG-14 asking again gives the existing conversation and writes nothing', () =>
    unchanged(async (scene) => {
      expect(await create(scene, as.helper, requests.open, users.helper, 'Quite another first message')).toEqual({
        success: true,
        conversation_id: conversations.first,
        message: 'Conversation already exists',
      });
    }));

  it('T-MSG-14 of several conversations of one helper it is the one about this request', async () => {
    await using scene = await openScene(lab);
    expect(await create(scene, as.helper, requests.in_progress, users.helper, text)).toMatchObject({ success: true });
    expect(await create(scene, as.helper, requests.open, users.helper, text)).toMatchObject({
      conversation_id: conversations.first,
    });
  });

  it.each(['completed', 'cancelled'] as const)(
    'T-MSG-24 a conversation that a participant has %s takes no message',
    async (status) => {
      await using scene = await openScene(lab);
      expect(
        await run(
          scene,
          as.requester,
          `UPDATE public.conversations_v2 SET status = '${status}' WHERE id = '${conversations.first}'`,
        ),
      ).toMatchObject({ count: 1 });
      const before = await stateOf(scene);
      for (const [persona, user] of [
        [as.requester, users.requester],
        [as.helper, users.helper],
      ] as const) {
        expect(await send(scene, persona, conversations.first, user, 'hello')).toEqual({
          success: false,
          error: 'Not authorized to send messages in this conversation',
          message: 'Failed to send message',
        });
        const insert = `INSERT INTO public.messages_v2 (conversation_id, sender_id, content) VALUES ('${conversations.first}', '${user}', 'hello')`;
        expect((await run(scene, persona, insert)).error).toMatchObject({ sqlstate: '42501' });
      }
      expect(await stateOf(scene)).toEqual(before);
    },
  );

  it('T-MSG-25 messages come oldest first, whatever order they were stored in', async () => {
    await using scene = await openScene(lab);
    await scene.owner.script(`
      INSERT INTO public.messages_v2 (conversation_id, sender_id, content, created_at) VALUES
      ('${conversations.first}', '${users.helper}', 'between', '2025-02-01 10:30+00'),
      ('${conversations.first}', '${users.helper}', 'zeroth', '2025-02-01 09:00+00')`);
    await send(scene, as.requester, conversations.first, users.requester, 'last');
    const reply = await get(scene, as.helper, conversations.first, users.helper);
    expect(contentsIn(reply)).toEqual(['zeroth', 'first', 'between', 'second', 'last']);
    const { messages_v2: stored } = await stateOf(scene, 'messages_v2');
    expect(stored).toHaveLength(5);
  });

  it('T-MSG-25 two messages of one transaction keep their order', async () => {
    await using scene = await openScene(lab);
    const insert = `INSERT INTO public.messages_v2 (conversation_id, sender_id, content)
      SELECT '${conversations.second}', '${users.other}', n::text FROM generate_series(10, 29) AS n`;
    expect(await run(scene, as.other, insert)).toMatchObject({ count: 20 });
    const { rows } = await scene.owner.query(
      'SELECT count(DISTINCT created_at)::int AS times FROM public.messages_v2 WHERE conversation_id = $1',
      [conversations.second],
    );
    expect(rows).toEqual([{ times: 20 }]);
    expect(contentsIn(await get(scene, as.other, conversations.second, users.other))).toEqual(
      Array.from({ length: 20 }, (_, n) => String(10 + n)),
    );
  });

  it('T-MSG-25 a conversation without messages has an empty list', async () => {
    await using scene = await openScene(lab);
    expect(await get(scene, as.other, conversations.second, users.other)).toMatchObject({
      conversation: { id: conversations.second },
      messages: [],
    });
    const { rows } = await scene.owner.query('SELECT 1 FROM public.messages_v2 WHERE conversation_id = $1', [
      conversations.second,
    ]);
    expect(rows).toEqual([]);
  });
});

async function bothRead(scene: Scene, id: string): Promise<void> {
  const { conversations_v2: all = [], messages_v2: messages = [] } = await stateOf(
    scene,
    'conversations_v2',
    'messages_v2',
  );
  const theirs = messages.filter((row) => row.conversation_id === id).map(({ conversation_id: _, ...row }) => row);
  const oldestFirst = theirs.toSorted((a, b) => String(a.created_at).localeCompare(String(b.created_at)));
  const expected = { conversation: all.find((row) => row.id === id), messages: oldestFirst };
  expect(await get(scene, as.requester, id, users.requester)).toEqual(expected);
  expect(await get(scene, as.helper, id, users.helper)).toEqual(expected);
}

function refused(error: string): object {
  return { success: false, error, message: 'Failed to create conversation' };
}

function idIn(reply: unknown, key: 'conversation_id' | 'message_id'): string {
  return String((reply as Readonly<Record<string, unknown>>)[key]);
}

function contentsIn(reply: unknown): readonly unknown[] {
  return (reply as { readonly messages: readonly { readonly content: unknown }[] }).messages.map(
    ({ content }) => content,
  );
}
