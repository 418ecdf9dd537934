/** Receipts and missing ranges by the rules. */

import type { CommandOf } from './model-commands.ts';
import { once } from './model-identity.ts';
import { memberRefusal, writeRefusal } from './model-membership.ts';
import { done, memberOf, type Reply, refused, type Scope, type State, scopeOf } from './model-state.ts';

/** An acknowledgement ends at the last number before the first that is missing. */
export function ack(state: State, command: CommandOf<'ack'>): Reply {
  const { delivered, read } = command;
  return once(state, { ...command, command: 'ack', payload: { delivered, read } }, () => {
    const scope = scopeOf(state, command.scope);
    const member = memberOf(scope, command.by);
    const no = memberRefusal(member) ?? writeRefusal(scope);
    if (no || !scope || !member) return no ?? refused('scope_not_found');
    const contiguous = Math.min(scope.max, (member.missing ?? Number.POSITIVE_INFINITY) - 1);
    if (delivered !== null && delivered > contiguous)
      return refused('ack_out_of_range', { last_contiguous_seq: contiguous });
    if (delivered === null || read === null || read < 0 || read > delivered) return refused('ack_invalid');
    member.delivered = Math.max(member.delivered, delivered);
    member.read = Math.max(member.read, read);
    return done('receipt_stored', { last_delivered_seq: member.delivered, last_read_seq: member.read });
  });
}

export function missing(state: State, command: CommandOf<'missing'>): Reply {
  const { ranges } = command;
  return once(state, { ...command, command: 'report_missing', payload: ranges }, () => {
    const scope = scopeOf(state, command.scope);
    const member = memberOf(scope, command.by);
    const no = memberRefusal(member) ?? writeRefusal(scope) ?? rangesRefusal(ranges, scope?.max ?? 0);
    if (no || !scope || !member || ranges === null) return no ?? refused('ranges_invalid');
    member.missing = ranges[0]?.[0] ?? null;
    return done(ranges.length === 0 ? 'nothing_missing' : 'resync_offered', offer(scope, ranges));
  });
}

/** Pairs in ascending order, none of them beyond what is there, at most 20. */
function rangesRefusal(ranges: CommandOf<'missing'>['ranges'], max: number): Reply | null {
  if (ranges === null) return refused('ranges_invalid');
  if (ranges.length > 20) return refused('ranges_exceeded', { ranges: 20 });
  let before = 0;
  for (const range of ranges) {
    const [from = 0, to = 0] = range;
    if (range.length !== 2 || from <= before || to < from) return refused('ranges_invalid');
    if (to > max) return refused('ranges_unrealistic', { scope_max_seq: max });
    before = to;
  }
  return null;
}

/** Queries of 200 each, ten at a time, and how many events each will bring. */
function offer(scope: Scope, ranges: readonly (readonly number[])[]): Reply {
  const batches = ranges.flatMap(([from = 0, to = 0]) =>
    Array.from({ length: Math.ceil((to - from + 1) / 200) }, (_, n) => {
      const first = from + n * 200;
      const last = Math.min(to, first + 199);
      const available = scope.events.filter(({ seq }) => seq >= first && seq <= last).length;
      return { after_seq: first - 1, limit: last - first + 1, available };
    }),
  );
  return { batches: batches.slice(0, 10), more: batches.length > 10 };
}
