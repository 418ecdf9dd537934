/** What the reference model of the platform core remembers, in short names instead of ids and without times. */

/** In the order of their ids. */
export const people = ['ann', 'bob', 'cat', 'dan'] as const;
export type Person = (typeof people)[number];
export type Operator = 'op1' | 'op2';
/** `nobody`: signed in by a token that names no user. `anon`: the public key. Operators are the service with a name. */
export type Caller = Person | Operator | 'service' | 'nobody' | 'anon';
/** `s3` was made with the key `k3`, `s-ann-bob` is the pair's direct message; `noScope` is the id of none. */
export type ScopeName = string;
/** `i4` was issued with the key `k4`; `noInvite` is the id of none. */
export type InviteName = string;
/** `k1` is a key as it is stored, `K1` the same one in the other letter case; `bad` is neither a UUID nor a ULID. */
export type Key = string;

export type Mode = 'normal' | 'maintenance_write_freeze' | 'read_only_safe' | 'maintenance_full';
export type Role = 'owner' | 'admin' | 'moderator' | 'member';
export type Classification = 'normal' | 'sensitive' | 'regulated';

/** The eight fields, by the page's names. A value that no policy has is possible: it is to be refused. */
export interface Policy {
  visibility: string | null;
  join_mode: string | null;
  delivery_strategy: string | null;
  approval_roles: string[];
  approval_quorum: number | null;
  self_join_enabled: boolean;
  invite_ttl: number | null;
  data_classification_defaults: string | null;
}

/** Private and by invitation: what is meant where a field is not said. */
export const closed: Policy = {
  ...{ visibility: 'private', join_mode: 'invite_only', delivery_strategy: 'fanout_on_write' },
  ...{ approval_roles: ['admin', 'owner'], approval_quorum: 1, self_join_enabled: true, invite_ttl: 168 },
  data_classification_defaults: 'normal',
};

export interface Member {
  role: Role;
  state: 'joined' | 'invited' | 'removed';
  read: number;
  delivered: number;
  /** The first number that the member has reported as missing. */
  missing: number | null;
  removedBy: Person | null;
}

export interface LoggedEvent {
  seq: number;
  actor: Person;
  type: string;
  key: Key;
  payload: Readonly<Record<string, unknown>>;
  classification: Classification;
  edits: number;
  deletedBy: Person | null;
  /** In days. */
  age: number;
}

export interface Projection {
  last: number;
  mode: 'normal' | 'rebuilding';
}

/** A piece of long work in the journal. */
export interface Work {
  kind: 'migration' | 'projection_rebuild' | 'retention_purge';
  step: 'snapshot' | 'apply' | 'verify' | 'finished';
  checkpoint: number;
  attempts: number;
}

export interface Scope {
  name: ScopeName;
  type: string;
  /** The last one is in force; its version is its place. */
  policies: Policy[];
  mode: Mode;
  max: number;
  /** Members whom nobody sees: a crowd that makes a channel large. */
  crowd: number;
  large: boolean;
  by: Person;
  pair: [Person, Person] | null;
  members: { [person in Person]?: Member };
  projections: { [person in Person]?: Projection };
  events: LoggedEvent[];
  /** Up to which event the projections hold. */
  watermark: number;
  version: number;
  snapshots: number[];
  journal: Work[];
}

export interface Invite {
  name: InviteName;
  scope: ScopeName;
  user: Person;
  /** The user themself: a request to join. */
  inviter: Person;
  policyVersion: number;
  status: 'pending' | 'accepted' | 'rejected' | 'expired' | 'revoked';
  approvedBy: Person[];
  overdue: boolean;
}

export interface Outcome {
  tier: 'hot' | 'archive';
  actor: string | null;
  scope: ScopeName | null;
  command: string;
  key: Key;
  payload: string;
  reply: Reply;
  /** Older than 730 days. */
  old: boolean;
}

/** What an administrator or an operator did, and why. */
export interface Action {
  actor: string | null;
  scope: ScopeName | null;
  action: string;
  reason: { code: string | null; text: string | null };
  /** Of a mode's approval. */
  mode: Mode | null;
  /** Within the last hour. */
  recent: boolean;
}

export interface State {
  scopes: Scope[];
  invites: Invite[];
  outcomes: Outcome[];
  actions: Action[];
  selfAllowed: boolean;
  /** Whether the archive answers. */
  archive: boolean;
}

export type Reply = Readonly<Record<string, unknown>>;

export const start: State = { scopes: [], invites: [], outcomes: [], actions: [], selfAllowed: false, archive: true };

export function done(code: string, more: Reply = {}): Reply {
  return { ok: true, code, ...more };
}

export function refused(code: string, more: Reply = {}): Reply {
  return { ok: false, code, ...more };
}

/** The scope of that name, if there is one. */
export function scopeOf(state: State, name: ScopeName): Scope | undefined {
  return state.scopes.find((scope) => scope.name === name);
}

/** The policy in force. */
export function policyOf(scope: Scope): Policy {
  return scope.policies.at(-1) as Policy;
}

/** How many are in. */
export function sizeOf(scope: Scope): number {
  return scope.crowd + Object.values(scope.members).filter(({ state }) => state === 'joined').length;
}

/** Whether the person is in, as far as the scope is concerned; callers without a name never are. */
export function memberOf(scope: Scope | undefined, caller: Caller): Member | undefined {
  return scope?.members[caller as Person];
}

/** The last number that members see: nothing in maintenance_full, in read_only_safe what the snapshot holds. */
export function visibleSeq(scope: Scope): number {
  if (scope.mode === 'maintenance_full') return 0;
  return scope.mode === 'read_only_safe' ? Math.max(...scope.snapshots) : scope.max;
}

/** Messages of others after what the member has read, as far as the projections hold. */
export function unreadOf(scope: Scope, person: Person, upTo: number): number {
  const read = scope.members[person]?.read ?? 0;
  return scope.events.filter(
    ({ seq, type, actor }) => type === 'message_send' && actor !== person && seq > read && seq <= upTo,
  ).length;
}
