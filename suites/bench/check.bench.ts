/** What a whole check costs on projects of two sizes, and whether the cost grows with the number of probes alone. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checked, check } from '../../fixtures/engine/check.ts';
import type { Lab } from '../../fixtures/lab/lab.ts';
import { loadAttacks } from '../load-attacks.ts';
import { manyTables } from '../many-tables.ts';
import { type Measurement, timed } from './measurement.ts';

export interface CheckLoad {
  readonly small: number;
  readonly large: number;
}

export const fullLoad: CheckLoad = { small: 20, large: 150 };
export const quickLoad: CheckLoad = { small: 20, large: 50 };

const FOLDER = join(import.meta.dirname, '../../reports/out/bench-projects');
const SECONDS = { small: 10, large: 120 } as const;

/** Two clones at a time, as the command does it. */
export async function measureCheck(lab: Lab, load: CheckLoad): Promise<readonly Measurement[]> {
  const small = await checked(lab, load.small);
  const large = await checked(lab, load.large);
  return [
    level(small, load.small, SECONDS.small),
    level(large, load.large, SECONDS.large),
    {
      system: 'check',
      level: `cost of a probe at ${load.large} tables beside ${load.small}`,
      measured: large.perProbe / small.perProbe,
      unit: '×',
      target: { relation: '≤', value: 1.5 },
      under: `${large.perProbe.toFixed(2)} ms and ${small.perProbe.toFixed(2)} ms`,
    },
  ];
}

interface Run {
  readonly seconds: number;
  readonly probes: number;
  readonly policies: number;
  readonly perProbe: number;
}

async function checked(lab: Lab, tables: number): Promise<Run> {
  const project = join(FOLDER, `tables-${tables}`);
  await mkdir(join(project, 'migrations'), { recursive: true });
  await writeFile(join(project, 'migrations', '1_all.sql'), manyTables(tables));
  const attacks = await loadAttacks();
  const { elapsed, result } = await timed<Checked>(() =>
    check(lab, { project, attacks, seed: 1, today: '2000-01-01', workers: 2 }),
  );
  const { probes, policies } = result.summary.covered;
  const acting = result.summary.milliseconds['probes'] ?? Number.NaN;
  return { seconds: elapsed / 1000, probes, policies: policies[1], perProbe: acting / probes };
}

function level({ seconds, probes, policies }: Run, tables: number, most: number): Measurement {
  return {
    system: 'check',
    level: `${tables} tables, ${policies} policies`,
    measured: seconds,
    unit: 's',
    target: { relation: '≤', value: most },
    under: `${probes} probes, ${Math.round(probes / seconds)} a second, migrating and populating included`,
  };
}
