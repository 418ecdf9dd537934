/** Messaging V2 beside its reference model, for random schedules. */

import { isDeepStrictEqual } from 'node:util';
import type { Judged, Modelled } from '../../chaos/schedule.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import {
  type Command,
  type Conversation,
  type Pair,
  type Reply,
  type State,
  start,
} from '../acceptance/messaging/model.ts';
import { replyOf, type Scene } from '../acceptance/messaging/scene.ts';
import { type Ids, probeOf, read, replyIn, reset } from '../acceptance/messaging/system.ts';
import { apart } from './apart.ts';

export interface World {
  readonly state: State;
  /** Of the conversations whose id somebody was told. */
  readonly ids: Ids;
}
type Step = (state: State, command: Command) => readonly [Reply, State];

export function messagingModelled(scene: Scene, step: Step): Modelled<World, Command, Command> {
  const after = ({ state, ids }: World, taken: Command, heard: Observation | null): Judged<World> => {
    const [expected, next] = step(state, taken);
    if (heard === null) return { world: { state: next, ids }, differs: [] };
    const known = new Map([...ids, ...told(expected, heard)]);
    const found = replyIn(heard, { state: next, ids: known });
    const differs = [`expected ${JSON.stringify(expected)}`, `got      ${JSON.stringify(found)}`];
    return { world: { state: next, ids: known }, differs: isDeepStrictEqual(found, expected) ? [] : differs };
  };
  return {
    gates: ['public.conversations_v2'],
    begin: async () => {
      await reset(scene);
      return { state: start, ids: new Map() };
    },
    meant: ({ ids }, drawn) => hidden(ids, drawn),
    probeOf: ({ ids }, taken) => probeOf(taken, ids),
    after,
    read: async () => {
      const { state, ids } = await read(scene);
      return JSON.stringify({ state, ids: [...ids] });
    },
    found: ({ state }, text) => {
      const rows = JSON.parse(text) as { readonly state: State; readonly ids: readonly (readonly [string, string])[] };
      const differs = [
        ...apart('requests', [state.requests], [rows.state.requests]),
        ...apart('conversations', state.conversations, rows.state.conversations),
      ];
      return { world: { state, ids: new Map(rows.ids) }, differs };
    },
    digest: ({ state }) => JSON.stringify([state.requests, state.conversations.toSorted(byName)]),
    words: ({ by, do: verb, ...said }) =>
      [by.padEnd(6), verb, ...Object.entries(said).map(([name, of]) => `${name}=${short(of)}`)].join(' '),
    says: (heard) => short(heard.error?.sqlstate ?? heard.rows[0]?.[0] ?? heard.count),
  };
}

const nameOf = ({ topic, helper }: Pair) => `${topic}/${helper}`;
const byName = (a: Conversation, b: Conversation) => nameOf(a).localeCompare(nameOf(b));

/** The id of a conversation that the model knows the reply to be about. */
function told(expected: Reply, heard: Observation): readonly (readonly [string, string])[] {
  if (!('pair' in expected) || expected.pair === undefined || heard.error) return [];
  const { conversation_id: id } = replyOf(heard) as { readonly conversation_id?: string };
  return id === undefined ? [] : [[nameOf(expected.pair), id]];
}

/** A conversation whose id was lost with the answer has no name yet. */
function hidden(ids: Ids, command: Command): Command {
  const known = (pair: Pair): Pair => (ids.has(nameOf(pair)) ? pair : { ...pair, topic: 'noTopic' });
  if ('to' in command) return { ...command, to: known(command.to) };
  return 'of' in command ? { ...command, of: known(command.of) } : command;
}

function short(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
