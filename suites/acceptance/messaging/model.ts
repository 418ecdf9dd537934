/** The rules of messaging V2 as a pure function: what a command answers and what state it leaves. */

export const people = ['ann', 'bob', 'cat'] as const;
export type Person = (typeof people)[number];
/** `anon`: the public key; `nobody`: signed in, the token names no user. */
export type Caller = Person | 'anon' | 'nobody';
export const topics = ['annsOpen', 'bobsOpen', 'annsClosed'] as const;
/** `noTopic` is the id of no request. */
export type Topic = (typeof topics)[number] | 'noTopic';
export type RequestStatus = 'open' | 'in_progress' | 'completed' | 'cancelled';
export type Status = 'active' | 'completed' | 'cancelled';

/** A conversation is named by its request and its helper: there is at most one. */
export interface Pair {
  readonly topic: Topic;
  readonly helper: Person;
}

export type Command = { readonly by: Caller } & (
  | { readonly do: 'create'; readonly topic: Topic; readonly as: Person | null; readonly text: string | null }
  | { readonly do: 'send'; readonly to: Pair; readonly as: Person | null; readonly text: string | null }
  | { readonly do: 'get'; readonly of: Pair; readonly as: Person | null }
  | {
      readonly do: 'insertConversation';
      readonly topic: Topic;
      readonly requester: Person;
      readonly helper: Person;
      readonly text: string;
    }
  | { readonly do: 'insertMessage'; readonly to: Pair; readonly sender: Person; readonly text: string }
  | { readonly do: 'setStatus'; readonly of: Pair; readonly status: Status }
  | { readonly do: 'setRequest'; readonly topic: Topic; readonly status: RequestStatus }
);

export interface Conversation extends Pair {
  readonly requester: Person;
  readonly text: string;
  readonly status: Status;
  readonly messages: readonly { readonly sender: Person; readonly text: string }[];
}
export interface State {
  readonly requests: { readonly [topic in Topic]?: { readonly owner: Person; readonly status: RequestStatus } };
  readonly conversations: readonly Conversation[];
}
export type Reply =
  | { readonly message: string; readonly pair?: Pair }
  | { readonly conversation: Conversation }
  | { readonly error: string }
  | { readonly sqlstate: string }
  | { readonly count: number };
type Step = readonly [Reply, State];

export const start: State = {
  requests: {
    annsOpen: { owner: 'ann', status: 'open' },
    bobsOpen: { owner: 'bob', status: 'in_progress' },
    annsClosed: { owner: 'ann', status: 'completed' },
  },
  conversations: [],
};

/** One command, one reply, the next state. */
export function step(state: State, command: Command): Step {
  if (command.by === 'anon') return [{ sqlstate: '42501' }, state];
  switch (command.do) {
    case 'create':
      return create(state, command);
    case 'send':
      return send(state, command);
    case 'get': {
      const { by, as, of } = command;
      const found = conversationOf(state, of);
      if (as !== by) return [{ error: 'Cannot access conversation data for another user' }, state];
      return [
        found && takesPart(found, by) ? { conversation: found } : { error: 'Conversation not found or access denied' },
        state,
      ];
    }
    case 'insertConversation': {
      const { by, topic, requester, helper, text } = command;
      const request = state.requests[topic];
      if (helper !== by || request?.owner !== requester || !isOpen(request.status))
        return [{ sqlstate: '42501' }, state];
      if (requester === helper || !isStored(text, 10)) return [{ sqlstate: '23514' }, state];
      if (conversationOf(state, { topic, helper })) return [{ sqlstate: '23505' }, state];
      return [{ count: 1 }, opened(state, { topic, helper, requester, text })];
    }
    case 'insertMessage': {
      const { by, to, sender, text } = command;
      const found = conversationOf(state, to);
      if (sender !== by || !found || !takesPart(found, by) || found.status !== 'active')
        return [{ sqlstate: '42501' }, state];
      if (!isStored(text, 1)) return [{ sqlstate: '23514' }, state];
      return [{ count: 1 }, written(state, found, { sender, text })];
    }
    case 'setStatus': {
      const found = conversationOf(state, command.of);
      if (!found || !takesPart(found, command.by)) return [{ count: 0 }, state];
      return [{ count: 1 }, replaced(state, { ...found, status: command.status })];
    }
    case 'setRequest': {
      const { by, topic, status } = command;
      const request = state.requests[topic];
      if (request?.owner !== by) return [{ count: 0 }, state];
      return [{ count: 1 }, { ...state, requests: { ...state.requests, [topic]: { ...request, status } } }];
    }
  }
}

function create(state: State, { by, topic, as, text }: Extract<Command, { do: 'create' }>): Step {
  const request = state.requests[topic];
  const refuse = (error: string): Step => [{ error }, state];
  if (as === null || as !== by) return refuse('Cannot create conversation on behalf of another user');
  if (text === null || lengthOf(trimmed(text)) < 10)
    return refuse('Initial message must be at least 10 characters long');
  if (lengthOf(text) > 1000) return refuse('Initial message cannot exceed 1000 characters');
  if (!request) return refuse('Help request not found');
  if (request.owner === as) return refuse('Cannot create conversation with yourself');
  if (!isOpen(request.status)) return refuse('Help request is no longer available');
  const pair = { topic, helper: as };
  if (conversationOf(state, pair)) return [{ message: 'Conversation already exists', pair }, state];
  return [
    { message: 'Conversation created successfully', pair },
    opened(state, { ...pair, requester: request.owner, text: trimmed(text) }),
  ];
}

function send(state: State, { by, to, as, text }: Extract<Command, { do: 'send' }>): Step {
  const found = conversationOf(state, to);
  const refuse = (error: string): Step => [{ error }, state];
  if (as === null || as !== by) return refuse('Cannot send message on behalf of another user');
  if (text === null || trimmed(text) === '') return refuse('Message content cannot be empty');
  if (lengthOf(text) > 1000) return refuse('Message cannot exceed 1000 characters');
  if (!found || !takesPart(found, as) || found.status !== 'active')
    return refuse('Not authorized to send messages in this conversation');
  return [{ message: 'Message sent successfully' }, written(state, found, { sender: as, text: trimmed(text) })];
}

const trimmed = (text: string) => text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, '');
const lengthOf = (text: string) => [...text].length;
const isStored = (text: string, least: number) =>
  trimmed(text) === text && lengthOf(text) >= least && lengthOf(text) <= 1000;
const isOpen = (status: RequestStatus) => status === 'open' || status === 'in_progress';
const takesPart = ({ requester, helper }: Conversation, caller: Caller) => caller === requester || caller === helper;
const conversationOf = (state: State, { topic, helper }: Pair) =>
  state.conversations.find((one) => one.topic === topic && one.helper === helper);
const opened = (state: State, made: Omit<Conversation, 'status' | 'messages'>): State => ({
  ...state,
  conversations: [...state.conversations, { ...made, status: 'active', messages: [] }],
});
const replaced = (state: State, by: Conversation): State => ({
  ...state,
  conversations: state.conversations.map((one) => (one.topic === by.topic && one.helper === by.helper ? by : one)),
});
const written = (state: State, into: Conversation, message: Conversation['messages'][number]): State =>
  replaced(state, { ...into, messages: [...into.messages, message] });
