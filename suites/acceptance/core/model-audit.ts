/** Why administrators and operators do what they do, and what is kept of it. */

import { type ReasonName, reasons } from './model-commands.ts';
import { actorOf } from './model-identity.ts';
import { type Caller, type Mode, type Reply, refused, type State } from './model-state.ts';

/** Why a reason does not do; null: it does. */
export function reasonRefusal(name: ReasonName): Reply | null {
  const { refused: code } = reasons[name];
  return code === null ? null : refused(code);
}

/** Keeps one act. `mode`: which one an approval, or a change of mode, is about. */
export function log(
  state: State,
  by: Caller,
  scope: string | null,
  action: string,
  reason: ReasonName,
  mode: Mode | null = null,
): void {
  const { code, text } = reasons[reason];
  state.actions.push({ actor: actorOf(by), scope, action, reason: { code, text }, mode, recent: true });
}
