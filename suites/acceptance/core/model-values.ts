/** Values that commands are drawn from: people, places, policies, reasons; most of them sensible. */

import fc from 'fast-check';
import type { ReasonName } from './model-commands.ts';
import { type Caller, closed, type Person, type Policy } from './model-state.ts';

type Weighted<T> = readonly (readonly [number, T | fc.Arbitrary<T>])[];

/** Draws by weight from values and arbitraries. */
export function some<T>(...of: Weighted<T>): fc.Arbitrary<T> {
  const choices = of.map(([weight, what]) => ({
    weight,
    arbitrary: what instanceof fc.Arbitrary ? what : fc.constant(what),
  }));
  return fc.oneof(...choices);
}

export const one = fc.constantFrom;
export const person: fc.Arbitrary<Person> = some([5, 'ann'], [4, 'bob'], [3, 'cat'], [2, 'dan']);
export const by: fc.Arbitrary<Caller> = some<Caller>([40, person], [1, one('nobody', 'anon', 'service')]);
export const bySystem: fc.Arbitrary<Caller> = some<Caller>(
  [12, 'service'],
  [6, one('op1', 'op2')],
  [1, one('ann', 'anon', 'nobody')],
);
export const anybody: fc.Arbitrary<Person | 'noone'> = some<Person | 'noone'>([20, person], [1, 'noone']);
export const place = fc.nat({ max: 7 }).map((n) => `@${n}`);
export const scope = some([3, '@0'], [20, place], [1, 'noScope']);
export const key = some([60, '?'], [1, 'bad']);
export const reason = some<ReasonName>(
  [30, one('good', 'why')],
  [3, one('none', 'unknown', 'silent', 'long', 'mail', 'phone')],
);
export const batch = some<number | null>([3, 1000], [6, one(1, 2, 3)], [1, one(0, null, 100_001)]);
export const mode = some(
  [8, one('write_freeze', 'normal')],
  [4, one('read_only_safe', 'maintenance_full')],
  [1, one('maintenance_write_freeze', 'asleep')],
);

export const policy: fc.Arbitrary<Policy> = fc.record({
  visibility: some<string | null>([12, one('public', 'private', 'unlisted')], [1, one('secret', null)]),
  join_mode: some<string | null>([12, one('open', 'approval', 'invite_only')], [1, one('sometimes', null)]),
  delivery_strategy: some<string | null>([9, 'fanout_on_write'], [4, 'fanout_on_read'], [1, 'both']),
  approval_roles: one(['owner', 'admin'], ['moderator', 'owner', 'owner'], ['member'], ['owner', 'admin', 'king']),
  approval_quorum: some<number | null>([9, one(1, 2)], [1, one(0, 11, null)]),
  self_join_enabled: some([5, true], [1, false]),
  invite_ttl: some<number | null>([9, one(24, 168, 8760)], [1, one(0, 8761, null)]),
  data_classification_defaults: some<string | null>([9, one('normal', 'sensitive', 'regulated')], [1, 'none']),
});
/** Of the fields in force, those that change. */
export const changes = some<Partial<Policy>>(
  [2, policy],
  [6, fc.record({ visibility: one('public', 'private', 'unlisted') })],
  [4, fc.record({ visibility: one('unlisted', 'public'), join_mode: one('open', 'approval') })],
  [4, fc.record({ delivery_strategy: one('fanout_on_read', 'fanout_on_write') })],
  [4, fc.record({ approval_quorum: one(1, 2), data_classification_defaults: one('normal', 'sensitive', 'regulated') })],
);
/** Sound ones for most of what is created, so that something is there. */
export const sound: fc.Arbitrary<Policy> = one<[Partial<Policy>, ...Partial<Policy>[]]>(
  {},
  { visibility: 'public', join_mode: 'open' },
  { visibility: 'unlisted', join_mode: 'open', delivery_strategy: 'fanout_on_read' },
  { visibility: 'unlisted', join_mode: 'approval', approval_quorum: 2 },
  { visibility: 'public', join_mode: 'approval', data_classification_defaults: 'sensitive' },
  { visibility: 'unlisted', join_mode: 'invite_only', self_join_enabled: false },
).map((over) => ({ ...closed, ...over }));
