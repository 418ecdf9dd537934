/** What calls come to one after the other: each order is tried in a transaction that is rolled back. */

import { expect } from 'vitest';
import { beforeOf, messageOf } from '../../../fixtures/act/act.ts';
import type { Probe } from '../../../fixtures/model/probe.ts';
import { idsIn, plain, plainRows } from './normal.ts';
import { type Reply, type Row, type Scene, stateOf } from './scene.ts';

interface Outcome {
  readonly replies: readonly Reply[];
  readonly state: Readonly<Record<string, readonly Row[]>>;
}

/**
 * Runs `work`, which makes all calls at once, and asserts that replies and rows are those of some order of them.
 * @returns the replies, in the order of `probes`.
 */
export async function asInSomeOrder(
  scene: Scene,
  probes: readonly Probe[],
  work: () => Promise<readonly Reply[]>,
): Promise<readonly Reply[]> {
  const known = idsIn(await stateOf(scene), probes);
  const orders = permutations(probes.map((_, at) => at));
  const allowed: string[] = [];
  for (const order of orders) allowed.push(said(await serially(scene, probes, order), known));
  const replies = await work();
  const found = said({ replies, state: await stateOf(scene) }, known);
  if (!allowed.includes(found))
    expect(JSON.parse(found), 'no order of the calls gives this').toEqual(JSON.parse(allowed[0] ?? ''));
  return replies;
}

async function serially(scene: Scene, probes: readonly Probe[], order: readonly number[]): Promise<Outcome> {
  const replies: Reply[] = [];
  await scene.owner.script('BEGIN');
  try {
    for (const at of order) {
      const probe = probes[at] as Probe;
      const before = beforeOf(probe);
      const { replies: answers, error } = await scene.owner.observe(messageOf([...before, probe.sql, 'RESET ROLE']));
      if (error) throw new Error(`${error.sqlstate}: ${error.message}`);
      replies[at] = JSON.parse(answers[before.length]?.rows[0]?.[0] ?? 'null') as Reply;
    }
    await scene.owner.script('SET CONSTRAINTS ALL IMMEDIATE');
    return { replies, state: await stateOf(scene) };
  } finally {
    await scene.owner.script('ROLLBACK');
  }
}

function said({ replies, state }: Outcome, ids: ReadonlySet<string>): string {
  const known = { ids, since: Number.NEGATIVE_INFINITY };
  return JSON.stringify({ replies: plain(replies, known), tables: plainRows(state, known) });
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}
