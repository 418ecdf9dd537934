/** Drawn commands with places instead of names, and what they mean once it is known what is there. */

import type { Command, CommandOf } from './model-commands.ts';
import { closed, type Person, people, policyOf, type State, scopeOf } from './model-state.ts';

/** `@3`: the third of what is there, from the start again where there are fewer; anything else is a name already. */
export type Place = `@${number}` | string;

/**
 * A command as it is drawn: places for scopes and invitations, `?` for a key that nobody has used.
 * `insider`: not the drawn caller but whom it concerns: somebody who is in, or who is invited.
 */
export type Drawn =
  | (Command & { readonly insider?: number })
  /** An earlier command once more, with its key: as it was, in other words, or with another payload. */
  | { readonly do: 'again'; readonly back: number; readonly how: 'same' | 'otherCase' | 'otherPayload' }
  /** What an earlier command answered. */
  | { readonly do: 'ask'; readonly back: number; readonly by: 'self' | 'other' };

export interface Past {
  readonly state: State;
  /** The commands that carried a key, last first. */
  readonly keyed: readonly Keyed[];
  /** How many keys have been given away. */
  readonly keys: number;
}
export type Keyed = Exclude<Extract<Command, { readonly key: unknown }>, CommandOf<'status'>>;

/** The command that is meant; null: there is nothing yet to be repeated. */
export function resolved(past: Past, drawn: Drawn): Command | null {
  if (drawn.do === 'again') return repeated(past, drawn);
  if (drawn.do === 'ask') return asked(past, drawn);
  const { state, keys } = past;
  const key = 'key' in drawn && drawn.key === '?' ? { key: `k${keys + 1}` } : {};
  const scope = 'scope' in drawn && drawn.scope !== null ? { scope: scopeAt(state, drawn.scope) } : {};
  const { insider, ...said } = drawn;
  const command = byInsider(state, { ...said, ...key, ...scope } as Command, insider);
  switch (command.do) {
    case 'dialogs':
      return { ...command, scopes: [...new Set(command.scopes.map((place) => scopeAt(state, place)))] };
    case 'accept':
    case 'reject':
      return answered(state, command, insider);
    case 'append':
      return aimed(state, command);
    case 'ack':
      return reaching(state, command);
    case 'missing':
      return reported(state, command);
    case 'policy':
      return changed(state, command);
    default:
      return command;
  }
}

function at<T>(all: readonly T[], place: Place): T | undefined {
  return place.startsWith('@') ? all[Number(place.slice(1)) % Math.max(1, all.length)] : undefined;
}

function scopeAt(state: State, place: Place): string {
  if (!place.startsWith('@')) return place;
  return at(state.scopes, place)?.name ?? 'noScope';
}

function byInsider(state: State, command: Command, insider: number | undefined): Command {
  if (insider === undefined || !('scope' in command && 'by' in command) || command.scope === null) return command;
  const members = scopeOf(state, command.scope)?.members ?? {};
  const joined = people.filter((person) => members[person]?.state === 'joined');
  const by = joined[insider % Math.max(1, joined.length)] ?? command.by;
  if (command.do !== 'member') return { ...command, by } as Command;
  if (command.action === 'join' || command.action === 'request') return command;
  return { ...command, by, user: command.action === 'leave' ? (by as Person) : command.user };
}

function answered(state: State, command: CommandOf<'accept' | 'reject'>, insider: number | undefined): Command {
  const found = at(state.invites, command.invite) ?? state.invites.find(({ name }) => name === command.invite);
  const by = insider === undefined ? command.by : (found?.user ?? command.by);
  return { ...command, by, invite: found?.name ?? 'noInvite' };
}

/** A negative target counts from the scope's last event. */
function aimed(state: State, command: CommandOf<'append'>): Command {
  const { payload } = command;
  if (typeof payload === 'string' || payload.target === undefined || payload.target >= 0) return command;
  return { ...command, payload: { ...payload, target: fromEnd(state, command.scope, payload.target) } };
}

/** A negative number counts from the last event; -1 is that one. */
function fromEnd(state: State, scope: string, value: number): number {
  const max = scopeOf(state, scope)?.max ?? 0;
  return value >= 0 ? value : Math.max(0, max + 1 + value);
}

function reaching(state: State, command: CommandOf<'ack'>): Command {
  const { scope, delivered, read } = command;
  return {
    ...command,
    delivered: delivered === null ? null : fromEnd(state, scope, delivered),
    read: read === null ? null : fromEnd(state, scope, read),
  };
}

function reported(state: State, command: CommandOf<'missing'>): Command {
  const { scope, ranges } = command;
  return { ...command, ranges: ranges?.map((range) => range.map((end) => fromEnd(state, scope, end))) ?? null };
}

/** What is drawn is what changes: fields that are left out stay as they are in force. */
function changed(state: State, command: CommandOf<'policy'>): Command {
  const scope = scopeOf(state, command.scope);
  const policy = scope ? { ...policyOf(scope), ...command.policy } : { ...closed, ...command.policy };
  return { ...command, policy };
}

function repeated({ keyed }: Past, drawn: Extract<Drawn, { do: 'again' }>): Command | null {
  const earlier = keyed[drawn.back % Math.max(1, keyed.length)];
  if (!earlier || earlier.key === null) return earlier ?? null;
  const key = earlier.key.startsWith('k') ? earlier.key.toUpperCase() : earlier.key.toLowerCase();
  if (drawn.how === 'otherCase')
    return { ...earlier, key, ...(earlier.do === 'append' ? { reworded: earlier.reworded !== true } : {}) };
  return drawn.how === 'same' ? earlier : otherwise(earlier);
}

/** The same identity, something else asked. */
function otherwise(earlier: Keyed): Command {
  switch (earlier.do) {
    case 'append':
      return { ...earlier, payload: { body: 'something else' } };
    case 'createScope':
      return { ...earlier, type: earlier.type === 'service' ? 'group' : 'service' };
    case 'dm':
      return { ...earlier, other: next(earlier.other) };
    case 'invite':
    case 'member':
      return { ...earlier, user: next(earlier.user) };
    case 'ack':
      return { ...earlier, delivered: (earlier.delivered ?? 0) + 1 };
    case 'missing':
      return { ...earlier, ranges: [...(earlier.ranges ?? []), [900, 901]] };
    case 'mode':
    case 'approve':
      return { ...earlier, mode: earlier.mode === 'normal' ? 'read_only_safe' : 'normal' };
    case 'large':
      return { ...earlier, large: earlier.large !== true };
    case 'setting':
      return { ...earlier, value: (earlier.value ?? 0) + 1 };
    case 'policy':
      return { ...earlier, policy: { ...earlier.policy, invite_ttl: 77 } };
    case 'accept':
    case 'reject':
      return earlier;
    default:
      return { ...earlier, batch: (earlier.batch ?? 0) + 7 };
  }
}

function next(person: Person | 'noone'): Person {
  return people[(people.indexOf(person as Person) + 1) % people.length] as Person;
}

const commandNames: { readonly [of in Keyed['do']]?: string } = {
  ...{ createScope: 'create_scope', dm: 'create_dm', accept: 'accept_invite', reject: 'reject_invite' },
  ...{ member: 'change_membership', missing: 'report_missing' },
};

function asked({ state, keyed }: Past, drawn: Extract<Drawn, { do: 'ask' }>): Command | null {
  const earlier = keyed[drawn.back % Math.max(1, keyed.length)];
  if (!earlier || earlier.key === null) return null;
  const command = earlier.do === 'append' ? earlier.type : (commandNames[earlier.do] ?? earlier.do);
  const isPerson = (people as readonly string[]).includes(earlier.by);
  const by = drawn.by === 'self' && isPerson ? earlier.by : 'dan';
  return { do: 'status', by, scope: scopeOfCommand(state, earlier), command, key: earlier.key };
}

function scopeOfCommand(state: State, earlier: Keyed): string | null {
  if ('invite' in earlier) return state.invites.find(({ name }) => name === earlier.invite)?.scope ?? null;
  return 'scope' in earlier ? earlier.scope : null;
}
