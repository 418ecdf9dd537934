/** Idempotency: what a command with this identity answered before, else what it does, stored. */

import { createHash } from 'node:crypto';
import { type Payload, reasons, serviceCalls } from './model-commands.ts';
import { type Caller, type Key, type Reply, refused, type State } from './model-state.ts';

interface Identity {
  readonly by: Caller;
  readonly do: string;
  readonly key: Key | null;
  readonly scope: string | null;
  /** As the status call names it. */
  readonly command: string;
  readonly payload: unknown;
}

/** What a command has done; `told` is an answer that needed no effect, and of which nothing is kept. */
export type Effect = Reply | { readonly told: Reply };

/** The way of every mutating call: who, by which key, what was answered before; only then the effect. */
export function once(state: State, identity: Identity, effect: () => Effect): Reply {
  const actor = actorOf(identity.by);
  if (actor === null && !serviceCalls.has(identity.do)) return refused('unauthenticated');
  const key = normalized(identity.key);
  if (key === null) return refused('invalid_key');
  const { scope, command } = identity;
  const payload = canonical(identity.payload);
  const known = outcomeOf(state, { actor, scope, command, key });
  if (known?.tier === 'hot') return known.payload === payload ? known.reply : refused('payload_hash_mismatch');
  if (!state.archive) return refused('archive_unavailable');
  if (known) return refused('outcome_archived_check_required');
  const reply = effect();
  if ('told' in reply) return reply.told as Reply;
  if (reply['ok'] === true)
    state.outcomes.push({ tier: 'hot', actor, scope, command, key, payload, reply, old: false });
  return reply;
}

/** The one outcome of an identity, in whichever tier. */
export function outcomeOf(
  state: State,
  of: { readonly actor: string | null; readonly scope: string | null; readonly command: string; readonly key: Key },
) {
  return state.outcomes.find(
    (one) => one.actor === of.actor && one.scope === of.scope && one.command === of.command && one.key === of.key,
  );
}

/** Whom the token names. */
export function actorOf(by: Caller): string | null {
  return by === 'service' || by === 'nobody' || by === 'anon' ? null : by;
}

/** The key as it is stored; null: neither a UUID nor a ULID. */
export function normalized(key: Key | null): Key | null {
  return key !== null && /^k\d+$/i.test(key) ? key.toLowerCase() : null;
}

/** What a command with this key makes is named after the key: other commands do not change it. */
export function nameBy(letter: 's' | 'i', key: Key): string {
  return `${letter}${key.slice(1)}`;
}

/** Names sorted, no white space: RFC 8785 for values as plain as the model's. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, of]) => `${JSON.stringify(name)}:${canonical(of)}`).join(',')}}`;
}

export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** The JSON that a payload stands for. */
export function jsonOf(payload: Exclude<Payload, string>): Readonly<Record<string, unknown>> {
  const { body, target, reason } = payload;
  return {
    body,
    n: 1,
    ...(target === undefined ? {} : { target_seq: target }),
    ...(reason === undefined ? {} : { reason_code: reasons[reason].code, reason_text: reasons[reason].text }),
  };
}
