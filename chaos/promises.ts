/** Calls that bring a key by which they are known when they come again: whoever takes one promises to do the call once. */

import { callOf, inStateOf } from '../fixtures/engine/calls.ts';
import type { Argument } from '../fixtures/model/catalog.ts';
import type { Call } from '../fixtures/model/scene.ts';
import { changedAgain, type Effects } from './effects.ts';

/** Not `request_id`: requests may be rows that people make. */
const KEY = /idempot|(?:^|_)dedup(?:e|lication)?(?:_|$)|(?:^|_)client_(?:request|mutation)_id$/i;

/** Where it is written down that a call came, a second one may be, too. */
const NOTES =
  /(?:^|[._])(?:logs?|audits?|activit(?:y|ies)|history|attempts?|requests?|idempoten\w*|outcomes?|events?)(?:_|$)/i;

/** A row may have a text as its key, and go by it; what a client makes up is a uuid. */
const OWN_KEY = /^(?:p_|_)?(?:request_)?key$/i;

/** @returns whether the call brings such a key */
export function bringsKey({ routine, values }: Pick<Call, 'routine' | 'values'>): boolean {
  const at = routine.arguments.findIndex(isKey);
  return (values[at]?.value ?? null) !== null;
}

/** The call with a key, where it could bring one and leaves it to its default. */
export function withKey(call: Call): Call {
  const at = call.routine.arguments.findIndex(isKey);
  const argument = call.routine.arguments[at];
  if (argument === undefined || at > call.values.length || bringsKey(call)) return call;
  if (!/^(uuid|text|varchar)$/.test(argument.baseType)) return call;
  const key = { value: '00000000-0000-4000-8000-00000000c0de', meaning: 'value' as const };
  return inStateOf(call, callOf(call.routine, call.persona, call.values.toSpliced(at, 1, key)));
}

function isKey({ name, baseType }: Argument): boolean {
  return KEY.test(name) || (baseType === 'uuid' && OWN_KEY.test(name));
}

/** Whether a second call does more than note that it came. */
export function doesMore(effects: Effects): boolean {
  return changedAgain(effects).some((table) => !NOTES.test(table));
}
