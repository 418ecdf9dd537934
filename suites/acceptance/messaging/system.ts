/** The database behind the reference model: runs the model's commands and reads replies and state back in its words. */

import { anon, noSub, signedIn } from '../../../fixtures/act/personas.ts';
import type { Persona } from '../../../fixtures/model/persona.ts';
import type { Observation, Probe } from '../../../fixtures/model/probe.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import type { Caller, Command, Conversation, Pair, Person, Reply, State, Topic } from './model.ts';
import { people, start, topics } from './model.ts';
import { missing, replyOf, run, type Scene } from './scene.ts';
import { callOf } from './statements.ts';

const userIds: { readonly [person in Person]: string } = { ann: userId(1), bob: userId(2), cat: userId(3) };
const topicIds: { readonly [topic in Topic]: string } = {
  annsOpen: topicId(1),
  bobsOpen: topicId(2),
  annsClosed: topicId(3),
  noTopic: missing,
};
const personOf = new Map(people.map((person) => [userIds[person], person]));
const topicOf = new Map(topics.map((topic): [string, Topic] => [topicIds[topic], topic]));
const personas: { readonly [caller in Caller]: Persona } = {
  anon: anon(),
  nobody: noSub(),
  ann: signedIn(userIds.ann, 'ann'),
  bob: signedIn(userIds.bob, 'bob'),
  cat: signedIn(userIds.cat, 'cat'),
};

/** Puts the database into the model's start state, whatever was there; the legacy stays. */
export async function reset(scene: Scene): Promise<void> {
  const users = people.map((person) => `(${literal(userIds[person])})`);
  const requests = topics.flatMap((topic) => {
    const request = start.requests[topic];
    return request
      ? [`(${[topicIds[topic], userIds[request.owner], topic, request.status].map(literal).join(', ')})`]
      : [];
  });
  await scene.owner.script(`
    TRUNCATE public.conversations_v2, public.messages_v2;
    INSERT INTO auth.users (id) VALUES ${users.join(', ')} ON CONFLICT (id) DO NOTHING;
    INSERT INTO public.help_requests (id, user_id, title, status) VALUES ${requests.join(', ')}
    ON CONFLICT (id) DO UPDATE SET status = EXCLUDED.status`);
}

/** Runs one command; `ids` names the conversations that are there. Its reply and state afterwards, as the model would tell them. */
export async function take(scene: Scene, command: Command, ids: Ids): Promise<{ readonly reply: Reply } & Found> {
  const { persona, sql } = probeOf(command, ids);
  const observation = await run(scene, persona, sql);
  const found = await read(scene);
  return { reply: replyIn(observation, found), ...found };
}

/** One command as its caller would send it. */
export function probeOf(command: Command, ids: Ids): Probe {
  return { persona: personas[command.by], sql: sqlOf(command, ids) };
}

/** A reply in the model's words; conversations are called by the names that they have in `found`. */
export function replyIn(observation: Observation, found: Found): Reply {
  if (observation.error) return { sqlstate: observation.error.sqlstate };
  if (observation.command !== 'SELECT') return { count: observation.count ?? -1 };
  return worded(replyOf(observation) as Readonly<Record<string, unknown>>, found);
}

export interface Found {
  readonly state: State;
  readonly ids: Ids;
}

/** Ids of the conversations, by `topic/helper`. */
export type Ids = ReadonlyMap<string, string>;

/** The whole state in the model's words, conversations in no particular order. */
export async function read(scene: Scene): Promise<Found> {
  const { rows } = await scene.owner.query(
    `SELECT
      (SELECT jsonb_agg(jsonb_build_array(id, user_id, status)) FROM public.help_requests WHERE id = ANY ($1::uuid[])) AS requests,
      (SELECT coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object('messages', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('sender_id', sender_id, 'content', content) ORDER BY created_at), '[]')
        FROM public.messages_v2 WHERE conversation_id = c.id
      ))), '[]') FROM public.conversations_v2 AS c) AS conversations`,
    [Object.values(topicIds)],
  );
  const found = rows[0] as { requests: [string, string, string][]; conversations: StoredConversation[] };
  const requests = Object.fromEntries(
    found.requests.map(([id, owner, status]) => [topicOf.get(id), { owner: personOf.get(owner), status }]),
  );
  const conversations = found.conversations.map(conversationOf);
  const ids = new Map(found.conversations.map((row, at) => [keyOf(conversations[at]), row.id]));
  return { state: { requests, conversations }, ids };
}

interface StoredConversation {
  readonly id: string;
  readonly help_request_id: string;
  readonly requester_id: string;
  readonly helper_id: string;
  readonly initial_message: string;
  readonly status: Conversation['status'];
  readonly messages: readonly { readonly sender_id: string; readonly content: string }[];
}

function sqlOf(command: Command, ids: Ids): string {
  const user = (person: Person | null) => (person === null ? null : userIds[person]);
  const conversation = (pair: Pair) => ids.get(keyOf(pair)) ?? missing;
  switch (command.do) {
    case 'create':
      return callOf('create_conversation_atomic', {
        p_help_request_id: topicIds[command.topic],
        p_helper_id: user(command.as),
        p_initial_message: command.text,
      });
    case 'send':
      return callOf('send_message_v2', {
        p_conversation_id: conversation(command.to),
        p_sender_id: user(command.as),
        p_content: command.text,
      });
    case 'get':
      return callOf('get_conversation_v2', {
        p_conversation_id: conversation(command.of),
        p_user_id: user(command.as),
      });
    case 'insertConversation': {
      const values = [topicIds[command.topic], userIds[command.requester], userIds[command.helper], command.text];
      return `INSERT INTO public.conversations_v2 (help_request_id, requester_id, helper_id, initial_message) VALUES (${values.map(literal).join(', ')})`;
    }
    case 'insertMessage': {
      const values = [conversation(command.to), userIds[command.sender], command.text];
      return `INSERT INTO public.messages_v2 (conversation_id, sender_id, content) VALUES (${values.map(literal).join(', ')})`;
    }
    case 'setStatus':
      return `UPDATE public.conversations_v2 SET status = ${literal(command.status)} WHERE id = ${literal(conversation(command.of))}`;
    case 'setRequest':
      return `UPDATE public.help_requests SET status = ${literal(command.status)} WHERE id = ${literal(topicIds[command.topic])}`;
  }
}

/** Of a reply, all that the model knows; ids become the pair that they name now. */
function worded(reply: Readonly<Record<string, unknown>>, { state, ids }: Found): Reply {
  if (reply.success === false) return { error: String(reply.error) };
  if (reply.conversation !== undefined) {
    return {
      conversation: conversationOf({
        ...(reply.conversation as StoredConversation),
        messages: reply.messages as StoredConversation['messages'],
      }),
    };
  }
  const message = String(reply.message);
  if (reply.conversation_id === undefined) return { message };
  const pair = state.conversations.find((one) => ids.get(keyOf(one)) === reply.conversation_id);
  return pair ? { message, pair: { topic: pair.topic, helper: pair.helper } } : { message };
}

function conversationOf(row: StoredConversation): Conversation {
  return {
    topic: topicOf.get(row.help_request_id) ?? 'noTopic',
    // A row that names anybody else agrees with no model: the comparison shows it.
    helper: personOf.get(row.helper_id) as Person,
    requester: personOf.get(row.requester_id) as Person,
    text: row.initial_message,
    status: row.status,
    messages: row.messages.map(({ sender_id, content }) => ({
      sender: personOf.get(sender_id) as Person,
      text: content,
    })),
  };
}

function keyOf(pair: Pair | undefined): string {
  return `${pair?.topic}/${pair?.helper}`;
}

function userId(n: number): string {
  return `99999999-0000-4000-8000-00000000000${n}`;
}

function topicId(n: number): string {
  return `99999999-0000-4000-8001-00000000000${n}`;
}
