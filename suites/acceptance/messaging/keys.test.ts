/** What holds for rows whoever writes them: values, keys, references, and what a deletion takes along. */

import { describe, expect, it } from 'vitest';
import { ident, literal, qualified } from '../../../fixtures/wire/escape.ts';
import { fileLab } from '../../file-lab.ts';
import { conversations, missing, requests, type Scene, untouched, users } from './scene.ts';
import { type Arguments, insertOf } from './statements.ts';

const lab = fileLab();
const unchanged = untouched(lab);

/** Request and conversation number 1 of the legacy. */
const legacy = {
  request: '1e9ac001-0000-4000-8000-000000000001',
  conversation: '1e9ac002-0000-4000-8000-000000000001',
};
const newcomer = 'aaaaaaaa-0000-4000-8000-000000000009';
const times = ['created_at', 'updated_at'];

/** Every column but a request's description. */
const needed: Readonly<Record<string, readonly string[]>> = {
  help_requests: ['id', 'user_id', 'title', 'status', ...times],
  conversations: ['id', 'help_request_id', 'status', ...times],
  conversation_participants: ['conversation_id', 'user_id'],
  messages: ['id', 'conversation_id', 'sender_id', 'content', 'created_at'],
  conversations_v2: ['id', 'help_request_id', 'requester_id', 'helper_id', 'initial_message', 'status', ...times],
  messages_v2: ['id', 'conversation_id', 'sender_id', 'content', ...times],
};
const columns = Object.entries(needed).flatMap(([table, names]) => names.map((column) => ({ table, column })));
const references = columns.filter(({ column }) => /_id$/.test(column));

/** One part that somebody can have, in each way. */
const parts: readonly (readonly [table: string, row: Arguments])[] = [
  ['help_requests', { user_id: newcomer, title: 'A lift' }],
  ['conversation_participants', { conversation_id: legacy.conversation, user_id: newcomer }],
  ['messages', { conversation_id: legacy.conversation, sender_id: newcomer, content: 'hello' }],
  ['conversations_v2', offerOf({ requester_id: newcomer, helper_id: users.helper })],
  ['conversations_v2', offerOf({ requester_id: users.requester, helper_id: newcomer })],
  ['messages_v2', { conversation_id: conversations.first, sender_id: newcomer, content: 'hello' }],
];

describe('what holds for rows', () => {
  it.each(columns)('T-MSG-47 no row of $table lacks its $column', ({ table, column }) =>
    unchanged(async (scene) => {
      const { error } = await undone(scene, copyOf(table, { [column]: null }));
      expect([error?.sqlstate, error?.column]).toEqual(['23502', column]);
    }),
  );

  it.each(Object.keys(needed))('T-MSG-47 no two rows of %s have the same key', (table) =>
    unchanged(async (scene) => {
      const { error } = await undone(scene, copyOf(table, {}));
      expect([error?.sqlstate, error?.constraint]).toEqual(['23505', `${table}_pkey`]);
    }),
  );

  it.each(references)('T-MSG-47 no $column of $table points to what is not there', ({ table, column }) =>
    unchanged(async (scene) => {
      const name = qualified('public', table);
      const one = `ctid = (SELECT min(ctid) FROM ${name})`;
      const { error } = await undone(scene, `UPDATE ${name} SET ${ident(column)} = ${literal(missing)} WHERE ${one}`);
      expect(error?.sqlstate).toBe('23503');
    }),
  );

  it.each(parts)('T-MSG-47 who has a part in %s is not deleted: %j', (table, row) =>
    unchanged(async (scene) => {
      const { replies, error } = await undone(
        scene,
        `INSERT INTO auth.users (id) VALUES (${literal(newcomer)})`,
        insertOf(table, row),
        `DELETE FROM auth.users WHERE id = ${literal(newcomer)}`,
      );
      expect([replies, error?.sqlstate]).toEqual([[], '23503']);
    }),
  );

  it('T-MSG-46 deleting a legacy request deletes its conversation, the seats and the messages', () =>
    unchanged(async (scene) => {
      const left = `SELECT count(*) FROM public.conversation_participants AS seat
        FULL JOIN public.messages AS message USING (conversation_id)
        WHERE conversation_id = ${literal(legacy.conversation)}`;
      const { replies, error } = await undone(
        scene,
        left,
        `DELETE FROM public.help_requests WHERE id = ${literal(legacy.request)}`,
        left,
        `SELECT count(*) FROM public.conversations WHERE id = ${literal(legacy.conversation)}`,
      );
      expect(error).toBeNull();
      expect(replies.filter(({ command }) => command === 'SELECT').map(({ rows }) => rows)).toEqual([
        [['4']],
        [['0']],
        [['0']],
      ]);
    }));
});

function offerOf(people: Arguments): Arguments {
  return { help_request_id: requests.in_progress, ...people, initial_message: 'A proper first message' };
}

/** Inserts some row once more, with these values changed. */
function copyOf(table: string, changed: Arguments): string {
  const name = qualified('public', table);
  return `INSERT INTO ${name} SELECT copy.* FROM ${name} AS one
    CROSS JOIN LATERAL jsonb_populate_record(one, ${literal(JSON.stringify(changed))}) AS copy LIMIT 1`;
}

/** Statements of the owner, to whom no policy applies, in one message that leaves nothing behind. */
function undone(scene: Scene, ...statements: readonly string[]) {
  return scene.owner.observe([...statements, 'ROLLBACK'].join(';\n'));
}
