/** A walk on which every call succeeds once and is refused once: whatever the seed, none of them is missed. */

import { openings } from './model-openings.ts';
import type { Drawn } from './model-resolve.ts';
import { closed } from './model-state.ts';
import type { Turn } from './model-turns.ts';

const key = '?';
const scope = '@0';
const reason = 'good';

const calls: readonly Drawn[] = [
  { do: 'dm', by: 'ann', other: 'bob', key },
  { do: 'ack', by: 'bob', scope, delivered: 2, read: 1, key },
  { do: 'missing', by: 'bob', scope, ranges: [[2, 2]], key },
  { do: 'invite', by: 'ann', scope, user: 'dan', key },
  { do: 'reject', by: 'dan', invite: '@2', key },
  { do: 'member', by: 'ann', scope, user: 'cat', action: 'remove', role: null, reason: 'why', key },
  { do: 'policy', by: 'service', scope, policy: closed, as: 'eight', reason, key },
  { do: 'setting', by: 'service', name: 'dm_self_allowed', value: 1, reason, key },
  { do: 'rebuild', by: 'service', scope, batch: 1000, key },
  { do: 'purge', by: 'service', scope, batch: 1000, key },
  { do: 'approve', by: 'op1', scope, mode: 'maintenance_full', reason, key },
  { do: 'mode', by: 'service', scope, mode: 'write_freeze', reason, key },
  { do: 'mode', by: 'service', scope, mode: 'read_only_safe', reason, key },
  { do: 'migrate', by: 'service', scope, batch: 1000, migration: 'rehash_payloads', key },
  { do: 'expire', by: 'service', batch: 1000, key },
  { do: 'purgeRates', by: 'service', batch: 1000, key },
  { do: 'archive', by: 'service', batch: 1000, key },
  {
    ...{ do: 'createScope', by: 'bob', type: 'channel', key },
    policy: { ...closed, visibility: 'public', join_mode: 'open', delivery_strategy: 'fanout_on_read' },
  },
  { do: 'large', by: 'service', scope: '@2', large: true, reason, key },
];

/** Without a proper key, each of them is refused. */
const refusals: readonly Drawn[] = [...(openings[0] ?? []), ...calls].map((call) =>
  'key' in call ? { ...call, key: 'bad' } : call,
);

const reads: readonly Drawn[] = [
  ...([200, 201] as const).map((limit): Drawn => ({ do: 'timeline', by: 'ann', scope, after: 0, limit, lookback: 30 })),
  ...([0, 200] as const).map((many): Drawn => ({ do: 'dialogs', by: 'bob', scopes: [scope, '@1'], many })),
  ...(['k1', 'bad'] as const).map(
    (known): Drawn => ({ do: 'status', by: 'ann', scope: null, command: 'create_scope', key: known }),
  ),
  ...(['core_events', 'core_snapshots'] as const).map((table): Drawn => ({ do: 'look', by: 'ann', table })),
];

export const walk: readonly Turn[] = [...(openings[0] ?? []), ...refusals, ...calls, ...reads];
