/** Scenes from which random turns start, and episodes amid them: what chance alone would hardly ever bring together. */

import type { Drawn } from './model-resolve.ts';
import { closed, type Person, type Policy } from './model-state.ts';

const key = '?';

function made(by: Person, type: string, over: Partial<Policy> = {}): Drawn {
  return { do: 'createScope', by, type, policy: { ...closed, ...over }, key };
}

function said(by: Person, scope: string, body = 'hello'): Drawn {
  return { do: 'append', by, scope, type: 'message_send', payload: { body }, key, clock: 0 };
}

function member(by: Person, scope: string, action: string): Drawn {
  return { do: 'member', by, scope, user: by, action, role: null, reason: 'good', key };
}

/** Ann's, with these people in it by invitation. */
function invited(scope: string, ...others: readonly Person[]): readonly Drawn[] {
  return others.flatMap((user, at): Drawn[] => [
    { do: 'invite', by: 'ann', scope, user, key },
    { do: 'accept', by: user, invite: `@${at}`, key },
  ]);
}

export const openings: readonly (readonly Drawn[])[] = [
  [made('ann', 'group'), ...invited('@0', 'bob', 'cat'), said('bob', '@0'), said('ann', '@0')],
  [
    made('ann', 'channel', { visibility: 'public', join_mode: 'open' }),
    ...(['bob', 'cat'] as const).map((one) => member(one, '@0', 'join')),
    said('ann', '@0'),
    said('bob', '@0'),
  ],
  [
    made('ann', 'channel', { visibility: 'unlisted', join_mode: 'approval', delivery_strategy: 'fanout_on_read' }),
    ...invited('@0', 'bob'),
    member('cat', '@0', 'request'),
    said('bob', '@0'),
  ],
  [{ do: 'dm', by: 'ann', other: 'bob', key }, said('ann', '@0'), said('bob', '@0'), made('bob', 'service')],
  [
    made('ann', 'group', { visibility: 'unlisted', join_mode: 'open', data_classification_defaults: 'sensitive' }),
    member('bob', '@0', 'join'),
    said('ann', '@0'),
    said('bob', '@0'),
    { do: 'mode', by: 'service', scope: '@0', mode: 'write_freeze', reason: 'good', key },
    { do: 'mode', by: 'service', scope: '@0', mode: 'read_only_safe', reason: 'good', key },
  ],
  [
    made('ann', 'group', { visibility: 'public', join_mode: 'approval', approval_quorum: 2 }),
    { do: 'invite', by: 'ann', scope: '@0', user: 'bob', key },
    { do: 'accept', by: 'bob', invite: '@0', key },
    { do: 'member', by: 'ann', scope: '@0', user: 'bob', action: 'set_role', role: 'admin', reason: 'good', key },
    member('cat', '@0', 'request'),
    { do: 'member', by: 'ann', scope: '@0', user: 'cat', action: 'approve', role: null, reason: 'good', key },
    { do: 'member', by: 'bob', scope: '@0', user: 'cat', action: 'approve', role: null, reason: 'good', key },
  ],
];

const toMode = (scope: string, mode: string): Drawn => ({ do: 'mode', by: 'service', scope, mode, reason: 'why', key });
const agreed = (scope: string, mode: string): readonly Drawn[] =>
  (['op1', 'op2'] as const).map((by): Drawn => ({ do: 'approve', by, scope, mode, reason: 'good', key }));
const step = (scope: string, batch: number): Drawn => ({
  ...{ do: 'migrate', by: 'service', scope, batch, migration: 'rehash_payloads', key },
});
const again = (back: number): Drawn => ({ do: 'again', back, how: back === 2 ? 'otherPayload' : 'same' });

/** About one scope, which is named by its place. */
export const episodes: readonly ((scope: string) => readonly Drawn[])[] = [
  () => [{ do: 'yearsPass' }, { do: 'archive', by: 'service', batch: 1000, key }, again(1), again(2), again(5)],
  () => [{ do: 'archiveStops' }, again(0), again(4), { do: 'ask', back: 2, by: 'self' }, { do: 'archiveAnswers' }],
  (scope) => [
    { do: 'hourPasses' },
    toMode(scope, 'write_freeze'),
    ...agreed(scope, 'maintenance_full'),
    toMode(scope, 'maintenance_full'),
  ],
  (scope) => [
    { do: 'hourPasses' },
    ...agreed(scope, 'write_freeze'),
    toMode(scope, 'write_freeze'),
    toMode(scope, 'normal'),
  ],
  (scope) => [
    { do: 'hourPasses' },
    toMode(scope, 'write_freeze'),
    toMode(scope, 'read_only_safe'),
    step(scope, 2),
    step(scope, 2),
  ],
  (scope) => [step(scope, 1000), step(scope, 1000), step(scope, 1000), toMode(scope, 'write_freeze')],
  (scope) => [
    { do: 'daysPass', scope, days: 375 },
    { do: 'purge', by: 'service', scope, batch: 2, key },
  ],
  (scope) => [{ do: 'rebuild', by: 'service', scope, batch: 1, key }, said('ann', scope), said('bob', scope)],
  (scope) => [{ do: 'crowdComes', scope, size: 49_999 }, member('cat', scope, 'join'), member('dan', scope, 'join')],
  (scope) => [
    { do: 'invitesRunOut' },
    { do: 'accept', by: 'ann', invite: scope, key, insider: 0 },
    member('dan', scope, 'request'),
  ],
];
