/** Judges one cell by what was seen of it; sees no server. */

import type { Act, ChaosVerdict, Stored, Told } from './model.ts';

export interface Seen {
  /** Nothing was broken: the call must succeed. */
  readonly harmless: boolean;
  /** Nothing but the client's clock was off: the call may decline, and be done with other values. */
  readonly skewed: boolean;
  /** It writes something, so that once and not at all can be told apart. */
  readonly writes: boolean;
  readonly repeats: Act['repeats'];
  /** Null: the client was still waiting long after its bound. */
  readonly told: Told | null;
  /** It was answered, and otherwise than without a fault: the reply itself says that it was not done. */
  readonly declined: boolean;
  /** Its backend had ended when the state was read. */
  readonly gone: boolean;
  readonly stored: Stored;
  /** What is odd about what is stored, in words. */
  readonly oddities: readonly string[];
  /** The same call, made again when all was healed; null: it was not. */
  readonly again: { readonly told: Told; readonly stored: Stored; readonly oddities: readonly string[] } | null;
  /** What a next tenant would find on the connections that it used. */
  readonly left: readonly string[];
  /** Why the fault did not strike where it was to; null: it did. */
  readonly missed: string | null;
}

/** After these the server itself does not say whether the transaction was committed. */
const AMBIGUOUS = /^(08...|57P01|57P02|57P05|40003|XX...|58...)$/;

export function judge(seen: Seen): { readonly verdict: ChaosVerdict; readonly reasons: readonly string[] } {
  const wrong = [...aboutTold(seen), ...aboutStored(seen), ...aboutAgain(seen), ...seen.left];
  if (wrong.length > 0) return { verdict: 'broken', reasons: wrong };
  return seen.missed === null ? { verdict: 'held', reasons: [] } : { verdict: 'unknown', reasons: [seen.missed] };
}

function aboutTold({ told, harmless, skewed, declined, gone }: Seen): readonly string[] {
  return [
    ...(told === null ? ['the client was told nothing within its bound'] : []),
    ...(harmless && told !== null && told.state !== 'answered'
      ? [`nothing was broken, and it was ${saidOf(told)}`]
      : []),
    ...(harmless && declined ? ['nothing was broken, and it was answered otherwise'] : []),
    ...(skewed && told?.state === 'lost' ? [`nothing was in its way, and it was ${saidOf(told)}`] : []),
    ...(gone ? [] : ['its backend went on when everything was healed and cut']),
  ];
}

function aboutStored({ told, declined, skewed, writes, stored, oddities }: Seen): readonly string[] {
  if (stored === 'twice') return ['it was done twice'];
  if (stored === 'other') return oddities.length > 0 ? oddities : ['what is stored is neither all of it nor nothing'];
  if (!writes || told === null) return [];
  if (told.state === 'answered' && !declined && stored === 'absent') return ['it was answered, and nothing is stored'];
  if (declined && !skewed && stored === 'once') return ['its reply declines, and all of it is stored'];
  if (told.state === 'refused' && !AMBIGUOUS.test(told.sqlstate) && stored === 'once')
    return [`it was refused (${told.sqlstate}), and all of it is stored`];
  return [];
}

function aboutAgain({ again, stored, declined, skewed, writes, repeats }: Seen): readonly string[] {
  if (again === null || (stored !== 'absent' && stored !== 'once')) return [];
  const { told, oddities } = again;
  // What is there already may be refused.
  const mayRefuse = stored === 'once' && repeats === 'once';
  if (told.state === 'lost' || (told.state === 'refused' && !mayRefuse))
    return [`all was healed, and the same call again was ${saidOf(told)}`];
  if (!writes) return again.stored === 'absent' ? [] : ['made again, it wrote something'];
  // An answer that declines may be the outcome that its key stands for from then on.
  if (skewed && declined && again.stored === 'absent') return [];
  const due = stored === 'absent' || repeats === 'once' ? 'once' : 'twice';
  if (again.stored === due) return [];
  const odd = oddities.length > 0 ? `: ${oddities.join('; ')}` : '';
  return [`made again, it should be stored ${due} and is ${again.stored}${odd}`];
}

function saidOf(told: Told): string {
  if (told.state === 'refused') return `refused (${told.sqlstate})`;
  return told.state === 'lost' ? `lost (${told.code})` : told.state;
}
