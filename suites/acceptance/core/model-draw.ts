/** Commands as they are drawn: what members do, what the service does, reads, and what was done before once more. */

import fc from 'fast-check';
import { type Command, type CommandOf, eventTypes } from './model-commands.ts';
import type { Drawn } from './model-resolve.ts';
import { labels, type Table } from './model-rows.ts';
import { type Caller, type Policy, people } from './model-state.ts';
import {
  anybody,
  batch,
  by,
  bySystem,
  changes,
  key,
  mode,
  one,
  person,
  place,
  policy,
  reason,
  scope,
  some,
  sound,
} from './model-values.ts';

const target = some([8, fc.integer({ min: -6, max: -1 })], [1, one(0, 99)]);
const body = fc.constantFrom('hello', 'well', 'ünï 🙂', '');
const payload: fc.Arbitrary<CommandOf<'append'>['payload']> = some<CommandOf<'append'>['payload']>(
  [12, fc.record({ body })],
  [12, fc.record({ body, target })],
  [6, fc.record({ body, target, reason })],
  [1, one('null', 'list', 'huge')],
);
const append = fc.record({
  do: fc.constant('append' as const),
  ...{ by, scope, key, payload },
  type: some<string>([10, 'message_send'], [8, one(...eventTypes)], [1, one('batch', 'shout')]),
  reworded: some([6, false], [1, true]),
  clock: some<CommandOf<'append'>['clock']>(
    [20, 0],
    [4, one(-280, 280, -290, 290)],
    [2, one(-310, 310, 4000)],
    [1, one('none', 'infinity')],
  ),
});
const tooLong = append.map((command) => ({ ...command, trace: 'long' as const }));
const seq = some<number | null>([9, fc.integer({ min: -5, max: -1 })], [2, fc.nat({ max: 4 })], [1, one(99, null)]);
const range = fc.tuple(target, target).map(([a, b]) => (a < 0 && b < 0 ? [Math.min(a, b), Math.max(a, b)] : [a, b]));
const many = Array.from({ length: 21 }, (_, n) => [n + 1, n + 1]);
const ranges = some<CommandOf<'missing'>['ranges']>(
  [6, fc.array(range, { maxLength: 2 })],
  [1, one<(number[][] | null)[]>([], many, null, [[1, 2, 3]])],
);

const of = <D extends Command['do']>(name: D) => fc.constant(name);
/** Often by one of those whom it concerns: strangers learn that there is no such scope. */
const mostlyInsiders = (commands: fc.Arbitrary<Drawn>): fc.Arbitrary<Drawn> =>
  fc
    .tuple(commands, some<number | null>([3, fc.nat({ max: 5 })], [2, null]))
    .map(([command, insider]) => (insider === null ? command : ({ ...command, insider } as Drawn)));

/** What members do with each other. */
export const social: fc.Arbitrary<Drawn> = mostlyInsiders(
  some<Drawn>(
    [20, append],
    [1, tooLong],
    [
      2,
      fc.record({
        do: of('createScope'),
        by,
        type: some<string>([9, one('group', 'channel', 'service')], [1, one('dm', 'club')]),
        policy: some([4, sound], [2, policy]),
        key,
      }),
    ],
    [3, fc.record({ do: of('dm'), by, other: anybody, key: some<string | null>([3, key], [1, null]) })],
    [8, fc.record({ do: of('invite'), by, scope, user: anybody, key })],
    [
      9,
      fc.record({
        do: one('accept' as const, 'accept' as const, 'reject' as const),
        by,
        invite: place,
        key,
      }),
    ],
    [18, fc.record({ do: of('member'), scope, ...memberFields() }).map(aboutOneself)],
    [7, fc.record({ do: of('ack'), by, scope, delivered: seq, read: seq, key })],
    [5, fc.record({ do: of('missing'), by, scope, ranges, key })],
  ),
);

function memberFields() {
  return {
    ...{ by, user: anybody, key, reason },
    action: some<string>(
      [4, 'join'],
      [4, 'request'],
      [5, 'approve'],
      [2, 'leave'],
      [4, 'remove'],
      [4, 'set_role'],
      [1, 'banish'],
    ),
    role: some<CommandOf<'member'>['role']>([9, one('member', 'moderator', 'admin', 'owner')], [1, one('king', null)]),
  };
}

/** Who joins, asks or leaves does so for themself, as a rule. */
function aboutOneself(command: CommandOf<'member'>): CommandOf<'member'> {
  const isOwn = ['join', 'request', 'leave'].includes(command.action) && command.key !== 'bad';
  const self = people.find((one) => one === command.by);
  return isOwn && self && command.user !== 'noone' ? { ...command, user: self } : command;
}

/** What the service does. */
export const operational: fc.Arbitrary<Drawn> = some<Drawn>(
  [
    6,
    fc.record({
      do: of('policy'),
      by: bySystem,
      scope,
      policy: changes as fc.Arbitrary<Policy>,
      as: some<CommandOf<'policy'>['as']>([12, 'eight'], [1, one('seven', 'nine', 'wrongHash')]),
      reason,
      key,
    }),
  ],
  [2, fc.record({ do: of('large'), by: bySystem, scope, large: one(true, true, false, null), reason, key })],
  [10, fc.record({ do: of('mode'), by: bySystem, scope, mode, reason, key })],
  [
    6,
    fc.record({
      do: of('approve'),
      by: some<Caller>([6, one('op1', 'op2')], [1, bySystem]),
      scope,
      mode: some([5, 'maintenance_full'], [3, 'write_freeze'], [1, mode]),
      reason,
      key,
    }),
  ],
  [5, fc.record({ do: of('rebuild'), by: bySystem, scope, batch, key })],
  [4, fc.record({ do: of('purge'), by: bySystem, scope, batch, key })],
  [
    6,
    fc.record({
      do: of('migrate'),
      by: bySystem,
      scope,
      batch,
      migration: some([9, 'rehash_payloads'], [1, 'another']),
      key,
    }),
  ],
  [
    2,
    fc.record({
      do: one('expire' as const, 'archive' as const, 'purgeRates' as const),
      by: bySystem,
      batch: some<number | null>([5, 1000], [1, one(0, null)]),
      key,
    }),
  ],
  [
    1,
    fc.record({
      do: of('setting'),
      by: bySystem,
      name: some([5, 'dm_self_allowed'], [1, 'more']),
      value: some<number | null>([6, one(0, 1)], [1, one(-1, null)]),
      reason,
      key,
    }),
  ],
);

export const again: fc.Arbitrary<Drawn> = fc.record({
  do: fc.constant('again' as const),
  back: fc.nat({ max: 9 }),
  how: one('same' as const, 'same' as const, 'otherCase' as const, 'otherPayload' as const),
});
const timelines = mostlyInsiders(
  fc.record({
    do: of('timeline'),
    by,
    scope,
    after: some<number | null>([3, 0], [2, fc.nat({ max: 5 })], [1, null]),
    limit: some<number | null>([5, one(200, null)], [3, one(1, 2)], [1, one(0, 201)]),
    lookback: some<number | null>([5, one(30, null)], [3, one(1, 7)], [1, one(0, 31)]),
  }),
);
export const reads: fc.Arbitrary<Drawn> = some<Drawn>(
  [5, timelines],
  [3, fc.record({ do: of('dialogs'), by, scopes: fc.array(scope, { maxLength: 4 }), many: some([12, 0], [1, 198]) })],
  [
    3,
    fc.record({
      do: fc.constant('ask' as const),
      back: fc.nat({ max: 12 }),
      by: one('self' as const, 'self' as const, 'other' as const),
    }),
  ],
  [
    1,
    fc.record({
      do: of('status'),
      by,
      scope: some<string | null>([1, null], [2, scope]),
      command: one('invite', 'message_send'),
      key: one('k1', 'K2', 'bad'),
    }),
  ],
  [
    4,
    fc.record({
      do: of('look'),
      by: some<Caller>([12, person], [2, one('nobody', 'anon', 'service')]),
      table: one<Table[]>('all', 'all', ...(Object.keys(labels) as Table[])),
    }),
  ],
  [
    1,
    fc.record({
      do: of('look'),
      by,
      table: fc.constant('core_events' as const),
      column: fc.constant('payload' as const),
    }),
  ],
);
