/** At which moments a fault can strike an act, and how the act is kept at the moment until it has. */

import type { Probe } from '../fixtures/model/probe.ts';
import type { KnownAct } from './acts.ts';
import type { ClientFault } from './faults/clock.ts';
import type { Fault, Wire } from './faults/fault.ts';
import { type ServerFault, occurs as strikesAt } from './faults/field.ts';
import type { Moment } from './model.ts';

/** A fault, and what it strikes. */
export type SweepFault =
  | { readonly on: 'wire'; readonly fault: Fault<Wire> }
  | { readonly on: 'field'; readonly fault: ServerFault }
  | { readonly on: 'client'; readonly fault: ClientFault };

/** Whether the sweep works on a server of its own, that faults may stop, or beside others. */
export type Whose = 'own' | 'shared';

/** How a call is kept at work: at the last statement that writes, at a table that it reads, or in COMMIT; null: it is not. */
export type Held = 'writing' | 'reading' | 'committing' | null;

/** True, or why the fault cannot strike the act at the moment, as far as can be said before it is tried. */
export function occurs(act: KnownAct, struck: SweepFault, moment: Moment, whose: Whose = 'shared'): true | string {
  if (act.transaction === 'own' && (moment === 'between' || moment === 'commit'))
    return 'the procedure ends its transactions itself: nothing is left to commit';
  if (struck.on === 'wire') return true;
  const possible = strikesAt(struck.fault, moment);
  if (possible !== true) return possible;
  if (struck.on === 'client') {
    const said = saidUnder(act, struck);
    return typeof said === 'string' ? said : true;
  }
  if (struck.fault.strikes === 'server' && whose === 'shared')
    return 'the server is shared with others, and must not be stopped or filled up';
  if (moment === 'commit' && act.faultless.touched.length === 0)
    return 'it writes nothing, and so COMMIT does nothing that could be struck';
  return true;
}

/** What the client says while the fault is there; a sentence where the call gives a fault of the client no hold. */
export function saidUnder({ probe, source }: Pick<KnownAct, 'probe' | 'source'>, struck: SweepFault): Probe | string {
  return struck.on === 'client' ? struck.fault.changed(probe, source.catalog) : probe;
}

/**
 * What the server is at cannot be struck before it is at it. What is lost on the way to the server must be struck before it is sent;
 * what is lost on the way back is the same either way, and a COMMIT under way says more.
 */
export function heldAt(act: KnownAct, struck: SweepFault, moment: Moment): Held {
  const { on, fault } = struck;
  if (on === 'client') return null;
  const early = struck.on === 'field' && struck.fault.beforeWrites === true;
  const writes = act.faultless.touched.length > 0;
  const within = on === 'field' || fault.id === 'down' || fault.id === 'noop';
  if (moment === 'query' && within) return writes && !early ? 'writing' : 'reading';
  if (moment === 'commit' && writes && (within || fault.id.endsWith(':downstream'))) return 'committing';
  return null;
}
