/** How many mutants a second are judged, beside the naive way: a database of its own and the whole examination for each. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyContract } from '../../fixtures/contract/read.ts';
import { examine } from '../../fixtures/engine/examine.ts';
import { type Lab, openLab } from '../../fixtures/lab/lab.ts';
import type { Mutant } from '../../fixtures/model/mutant.ts';
import { loadOperators } from '../../fixtures/mutate/load-operators.ts';
import { type Mutation, mutate } from '../../fixtures/mutate/mutate.ts';
import { loadAttacks } from '../load-attacks.ts';
import { manyTables } from '../many-tables.ts';
import { type Measurement, timed } from './measurement.ts';

export interface MutateLoad {
  readonly tables: number;
  /** Mutants that the naive way is measured on, spread over all. */
  readonly naive: number;
}

export const fullLoad: MutateLoad = { tables: 20, naive: 6 };
export const quickLoad: MutateLoad = { tables: 20, naive: 2 };

const FOLDER = join(import.meta.dirname, '../../reports/out/bench-projects');

/** Two clones at a time, as the command does it. */
export async function measureMutate(lab: Lab, { tables, naive }: MutateLoad): Promise<readonly Measurement[]> {
  const project = join(FOLDER, `tables-${tables}`);
  await mkdir(join(project, 'migrations'), { recursive: true });
  await writeFile(join(project, 'migrations', '1_all.sql'), manyTables(tables));
  const [attacks, operators] = await Promise.all([loadAttacks(), loadOperators()]);
  const mutation = await mutate(lab, { project, attacks, operators, seed: 1, workers: 2 });
  const judged = mutation.milliseconds['mutants'] ?? Number.NaN;
  const perSecond = (1000 * mutation.results.length) / judged;
  const slow = await naively(lab, project, spread(mutation.mutants, naive));
  return [
    {
      system: 'mutate',
      level: `mutants a second, ${tables} tables`,
      measured: perSecond,
      unit: '/s',
      target: { relation: '≥', value: 10 },
      under: underOf(mutation),
    },
    {
      system: 'mutate',
      level: 'times as fast as a clone and a whole examination for each',
      measured: (perSecond * slow) / 1000,
      unit: '×',
      target: { relation: '≥', value: 10 },
      under: `${(slow / 1000).toFixed(1)} s for a mutant the naive way, two at a time; ${naive} of them`,
    },
  ];
}

function underOf({ results, probes }: Mutation): string {
  const states = Map.groupBy(results, ({ state }) => state);
  const counts = [...states].map(([state, some]) => `${some.length} ${state}`);
  return `${results.length} mutants (${counts.join(', ')}), ${probes} probes`;
}

/** Milliseconds a mutant, two at a time. */
async function naively(lab: Lab, project: string, mutants: readonly Mutant[]): Promise<number> {
  const attacks = await loadAttacks();
  const waiting = mutants.values();
  const work = async () => {
    for (const { sql } of waiting) {
      await using mutated = openLab({ ...lab.access, mutated: { project, sql } });
      await examine(mutated, {
        project: { project, populated: { seed: 1 } },
        attacks,
        contract: emptyContract,
        flows: true,
      });
    }
  };
  const { elapsed } = await timed(() => Promise.all([work(), work()]));
  return elapsed / mutants.length;
}

function spread<T>(all: readonly T[], wanted: number): readonly T[] {
  const step = Math.max(1, Math.floor(all.length / wanted));
  return all.filter((_, at) => at % step === 0).slice(0, wanted);
}
