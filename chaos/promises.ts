/** Calls that bring a key by which they are known when they come again: whoever takes one promises to do the call once. */

import type { Call } from '../fixtures/model/scene.ts';
import { changedAgain, type Effects } from './effects.ts';

/** Not `request_id`: requests may be rows that people make. */
const KEY = /idempot|(?:^|_)dedup(?:e|lication)?(?:_|$)|(?:^|_)client_(?:request|mutation)_id$/i;

/** Where it is written down that a call came, a second one may be, too. */
const NOTES = /log|audit|activity|history|attempt|request|idempot|outcome|event/i;

/** @returns whether the call brings such a key */
export function bringsKey({ routine, values }: Pick<Call, 'routine' | 'values'>): boolean {
  return routine.arguments.some(({ name }, at) => KEY.test(name) && (values[at]?.value ?? null) !== null);
}

/** Whether a second call does more than note that it came. */
export function doesMore(effects: Effects): boolean {
  return changedAgain(effects).some((table) => !NOTES.test(table));
}
