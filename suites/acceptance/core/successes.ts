/** How the tables of successes are written: a call on a clone of its own, what it answers, and which tables it changes. */

import { expect } from 'vitest';
import type { Persona } from '../../../fixtures/model/persona.ts';
import { call, key, type Row, rowsOf, type Scene, stateOf } from './scene.ts';
import type { Arguments } from './statements.ts';

export interface Call {
  readonly persona: Persona;
  readonly args: Arguments;
  /** What makes it another command under the same key. */
  readonly other?: Arguments;
}

export interface Success {
  readonly rpc: string;
  readonly code: string;
  readonly arrange: (scene: Scene) => Promise<Call>;
  /** Tables that it changes, its outcome aside; absent: nothing, not even an outcome. */
  readonly changes?: readonly string[];
  /** A row that is there afterwards. */
  readonly row?: readonly [table: string, row: Row];
  /** What the reply says beside its code. */
  readonly says: Row;
}

/** Calls, and asserts the reply, exactly which tables changed, the outcome's row, and the row that the call is about. */
export async function expectDone(scene: Scene, { rpc, code, arrange, changes, row, says }: Success): Promise<void> {
  const ready = await arrange(scene);
  const before = await stateOf(scene);
  const reply = await call(scene, ready.persona, rpc, ready.args);
  expect(reply).toEqual({ ok: true, code, ...says });
  const changed = changedTables(before, await stateOf(scene));
  const outcome = changes ? ['core.outcomes_hot'] : [];
  expect(changed).toEqual([...new Set([...(changes ?? []).map(qualifiedName), ...outcome])].toSorted());
  if (changes) expect(await stored(scene, ready)).toEqual([{ outcome: reply, code, tier: 'hot' }]);
  if (row) expect(await rowsOf(scene, row[0])).toContainEqual(expect.objectContaining(row[1]));
}

type State = Awaited<ReturnType<typeof stateOf>>;

/** Tables in which some row differs, in the order of their names. */
export function changedTables(before: State, after: State): readonly string[] {
  return Object.keys(after)
    .filter((table) => JSON.stringify(after[table]) !== JSON.stringify(before[table]))
    .toSorted();
}

/** The outcome under the call's key. */
async function stored(scene: Scene, { args }: Call): Promise<readonly Row[]> {
  const { rows } = await scene.owner.query(
    'SELECT outcome, code, tier FROM public.core_outcomes WHERE event_idempotency_key = $1',
    [args['p_key']],
  );
  return rows;
}

const qualifiedName = (table: string) => (table.includes('.') ? table : `public.${table}`);

/** A call with a fresh key. */
export function keyed(persona: Persona, args: Arguments, other?: Arguments): Call {
  return { persona, args: { p_key: key(), ...args }, ...(other && { other }) };
}
