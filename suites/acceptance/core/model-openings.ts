/** Scenes from which random turns start: a crowd of strangers would hardly ever meet. */

import type { Drawn } from './model-resolve.ts';
import { closed } from './model-resolve.ts';
import type { Person, Policy } from './model-state.ts';

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

/** The empty one first: it is what a failing run shrinks to. */
export const openings: readonly (readonly Drawn[])[] = [
  [],
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
];
