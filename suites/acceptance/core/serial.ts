/** What calls come to one after the other: each order is tried in a transaction that is rolled back. */

import { expect } from 'vitest';
import { beforeOf, messageOf } from '../../../fixtures/act/act.ts';
import type { Probe } from '../../../fixtures/model/probe.ts';
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
  const known = uuidsOf(await stateOf(scene), probes);
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

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const TIME = /"\d{4}-\d\d-\d\dT[^"]*"/g;

function uuidsOf(...values: readonly unknown[]): ReadonlySet<string> {
  return new Set(JSON.stringify(values).match(UUID));
}

/** Without times, without ids that were made meanwhile, rows in an order that depends on neither. */
function said({ replies, state }: Outcome, known: ReadonlySet<string>): string {
  const bare = (value: unknown) =>
    JSON.stringify(value)
      .replaceAll(TIME, '"time"')
      .replaceAll(UUID, (id) => (known.has(id) ? id : 'new'));
  const tables = Object.entries(state).map(([name, rows]) => [name, rows.map(bare).toSorted()]);
  return JSON.stringify({ replies: bare(replies), tables });
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}
