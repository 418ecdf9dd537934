/** The rules of sharing as a pure function: what a command comes to, what it leaves, and what the log says of it. */

export const people = ['owner', 'admin', 'editor', 'author', 'member', 'outsider'] as const;
export type Person = (typeof people)[number];
export const collectives = ['open', 'strict', 'far'] as const;
export type Collective = (typeof collectives)[number];
/** `legacy` knew the collective `open` before; all are the author's but `edited`, which is the editor's. */
export const posts = ['private', 'public', 'edited', 'legacy'] as const;
export type Post = (typeof posts)[number];
export const roles = ['owner', 'admin', 'editor', 'author', 'member', null] as const;
export type Role = (typeof roles)[number];
export const statuses = ['draft', 'published', 'pending_approval', 'rejected'] as const;
export type Status = (typeof statuses)[number];
export type Caller = Person | 'service';

interface At {
  readonly post: Post;
  readonly collective: Collective;
}
export type Change = { readonly status: Status } | { readonly order: number } | { readonly note: string };

export type Command =
  | ({ readonly do: 'insert'; readonly by: Caller; readonly as: Person; readonly status: Status } & At)
  | ({ readonly do: 'update'; readonly by: Caller; readonly set: Change } & At)
  | ({ readonly do: 'remove'; readonly by: Caller } & At)
  | { readonly do: 'share'; readonly by: Person; readonly post: Post; readonly into: readonly Collective[] }
  | { readonly do: 'drop'; readonly by: Caller; readonly post: Post }
  | { readonly do: 'migrate' }
  | { readonly do: 'seat'; readonly collective: Collective; readonly person: Person; readonly role: Role }
  | { readonly do: 'ask'; readonly collective: Collective; readonly approval: boolean };

export interface Association extends At {
  readonly sharer: Person;
  readonly status: Status;
  readonly order: number;
  readonly note: string | null;
}
export interface Entry {
  readonly action: 'created' | 'updated' | 'deleted' | 'shared' | 'unshared' | 'denied';
  readonly by: Person | null;
  readonly at: string;
}
export interface State {
  readonly seats: { readonly [collective in Collective]: { readonly [person in Person]: Role } };
  readonly approval: { readonly [collective in Collective]: boolean };
  readonly associations: readonly Association[];
  /** Pairs of which the log holds a change. */
  readonly known: readonly string[];
}
/** A number of rows, an SQLSTATE, or the code of a reply. */
export type Outcome = number | string;
export type Step = readonly [Outcome, State, readonly Entry[]];

const seated = { owner: 'owner', admin: 'admin', editor: 'editor', author: 'author', member: 'member' } as const;
const unseated = { owner: null, admin: null, editor: null, author: null, member: null } as const;

export const start: State = {
  seats: {
    open: { ...seated, outsider: null },
    strict: { ...seated, outsider: null },
    far: { ...unseated, outsider: 'owner' },
  },
  approval: { open: false, strict: true, far: false },
  associations: [],
  known: [],
};

export function keyOf({ post, collective }: At): string {
  return `${post}/${collective}`;
}

export function authorOf(post: Post): Person {
  return post === 'edited' ? 'editor' : 'author';
}

/** What `command` comes to in `state`. */
export function step(state: State, command: Command): Step {
  switch (command.do) {
    case 'insert':
      return insert(state, command);
    case 'update':
      return update(state, command);
    case 'remove':
      return remove(state, command);
    case 'share':
      return share(state, command);
    case 'drop':
      return drop(state, command);
    case 'migrate':
      return migrate(state);
    case 'seat': {
      const { collective, person, role } = command;
      const seats = { ...state.seats, [collective]: { ...state.seats[collective], [person]: role } };
      return [1, { ...state, seats }, []];
    }
    case 'ask':
      return [1, { ...state, approval: { ...state.approval, [command.collective]: command.approval } }, []];
  }
}

type Of<Verb extends Command['do']> = Extract<Command, { do: Verb }>;

function insert(state: State, { by, as, status, ...at }: Of<'insert'>): Step {
  const settled = by === 'service' ? status : settle(state, at.collective, by, null, status);
  if (by !== 'service') {
    const role = state.seats[at.collective][by];
    if (settled === null || as !== by || authorOf(at.post) !== by || !mayPost(role)) return ['42501', state, []];
  }
  if (settled === null || find(state, at)) return ['23505', state, []];
  return put(state, by, [{ ...pairOf(at), sharer: as, status: settled, order: 0, note: null }]);
}

function update(state: State, { by, set, ...at }: Of<'update'>): Step {
  const old = find(state, at);
  if (!old) return [0, state, []];
  const wanted: Association = { ...old, ...set };
  if (by === 'service') return put(state, by, [wanted]);
  const role = state.seats[at.collective][by];
  if (!mayDecide(role) && !(mayPost(role) && old.sharer === by)) return [0, state, []];
  const status = settle(state, at.collective, by, old.status, wanted.status);
  return status === null ? ['42501', state, []] : put(state, by, [{ ...wanted, status }]);
}

function remove(state: State, { by, ...at }: Of<'remove'>): Step {
  const old = find(state, at);
  const may =
    by === 'service' || old?.sharer === by || authorOf(at.post) === by || mayDecide(state.seats[at.collective][by]);
  return old && may ? [1, ...without(state, by, [old])] : [0, state, []];
}

function share(state: State, { by, post, into }: Of<'share'>): Step {
  const denied = (at: string): Entry => ({ action: 'denied', by, at });
  if (into.length === 0) return ['collectives_required', state, [denied(`${post}/none`)]];
  if (authorOf(post) !== by) return ['post_not_found', state, [denied(`${post}/none`)]];
  const asked = [...new Set(into)];
  const refused = asked.filter((collective) => !mayPost(state.seats[collective][by]));
  if (refused.length > 0)
    return ['collectives_refused', state, refused.map((collective) => denied(keyOf({ post, collective })))];
  const made = asked.flatMap((collective, order): readonly Association[] => {
    const status = settle(state, collective, by, null, 'published');
    if (status === null || find(state, { post, collective })) return [];
    return [{ post, collective, sharer: by, status, order, note: null }];
  });
  const [, after, entries] = put(state, by, made);
  return [made.length === 0 ? 'already_shared' : 'shared', after, entries];
}

/** The post comes back at once, without its associations. */
function drop(state: State, { by, post }: Of<'drop'>): Step {
  if (by !== 'service' && authorOf(post) !== by) return [0, state, []];
  const gone = state.associations.filter((one) => one.post === post);
  return [1, ...without(state, by, gone)];
}

function migrate(state: State): Step {
  const at = { post: 'legacy', collective: 'open' } as const;
  if (state.known.includes(keyOf(at))) return [0, state, []];
  return put(state, 'service', [{ ...at, sharer: 'author', status: 'published', order: 0, note: null }]);
}

/** The status that a person's row takes; null: refused. */
function settle(state: State, collective: Collective, by: Person, was: Status | null, wanted: Status): Status | null {
  const role = state.seats[collective][by];
  if (mayDecide(role)) return wanted;
  if (wanted === 'rejected' && was !== 'rejected') return null;
  const undecided: readonly (Status | null)[] = ['pending_approval', 'rejected'];
  if (undecided.includes(was) && !undecided.includes(wanted)) return null;
  return role === 'author' && state.approval[collective] && wanted !== 'draft' ? 'pending_approval' : wanted;
}

function put(state: State, by: Caller, rows: readonly Association[]): Step {
  const keys = rows.map(keyOf);
  const kept = state.associations.filter((one) => !keys.includes(keyOf(one)));
  const entries = rows.map((row) => entryOf(by, find(state, row), row));
  const known = [...new Set([...state.known, ...keys])];
  return [rows.length, { ...state, associations: [...kept, ...rows], known }, entries];
}

function without(state: State, by: Caller, gone: readonly Association[]): readonly [State, readonly Entry[]] {
  const associations = state.associations.filter((one) => !gone.includes(one));
  return [{ ...state, associations }, gone.map((one) => entryOf(by, one, undefined))];
}

function entryOf(by: Caller, old: Association | undefined, row: Association | undefined): Entry {
  const was = old?.status === 'published';
  const is = row?.status === 'published';
  const at = keyOf((row ?? old) as Association);
  const action = !row ? 'deleted' : is && !was ? 'shared' : !old ? 'created' : was && !is ? 'unshared' : 'updated';
  return { action, by: by === 'service' ? null : by, at };
}

function find(state: State, at: At): Association | undefined {
  return state.associations.find((one) => keyOf(one) === keyOf(at));
}

function pairOf({ post, collective }: At): At {
  return { post, collective };
}

function mayPost(role: Role): boolean {
  return role !== null && role !== 'member';
}

function mayDecide(role: Role): boolean {
  return role === 'owner' || role === 'admin';
}
