/** What one probe costs beside the same statement sent by hand in one trip. */

import { act } from '../../fixtures/act/act.ts';
import { tenant } from '../../fixtures/act/personas.ts';
import type { Lab } from '../../fixtures/lab/lab.ts';
import { fillWithMany, tenantHash } from '../acceptance/memory/many.ts';
import { memoryProject } from '../acceptance/memory/project.ts';
import { type Measurement, percentile, timed } from './measurement.ts';

export interface ProbeLoad {
  readonly rounds: number;
}

export const fullLoad: ProbeLoad = { rounds: 3000 };
export const quickLoad: ProbeLoad = { rounds: 500 };

const statement = 'SELECT id, doc_id, chunk_index FROM public.memory_chunks ORDER BY created_at DESC LIMIT 10';
const warmUp = 100;

/** Both ways on one connection, in turn and in changing order, so that drift of the machine falls on both alike. */
export async function measureProbe(lab: Lab, { rounds }: ProbeLoad): Promise<readonly Measurement[]> {
  await using database = await lab.clone({ project: memoryProject });
  await fillWithMany(database.owner, { chunks: 1000, tenants: 10, dimensions: 8 });
  const session = await database.connect();
  const hash = tenantHash(1);
  const probe = { persona: tenant('app_user', 'app.user_hash', hash), sql: statement };
  const byHand = `BEGIN; SET LOCAL ROLE app_user; SET LOCAL app.user_hash = '${hash}'; ${statement}; ROLLBACK`;
  const ways = [
    { times: [] as number[], run: () => act(session, probe) },
    { times: [] as number[], run: () => session.script(byHand) },
  ] as const;
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
      const { elapsed } = await timed<unknown>(way.run);
      if (round >= 0) way.times.push(elapsed);
    }
  }
  const [probed, sent] = ways.map(({ times }) => percentile(times, 0.5));
  return [ratio(probed ?? Number.NaN, sent ?? Number.NaN, rounds)];
}

function ratio(probed: number, sent: number, rounds: number): Measurement {
  return {
    system: 'probe',
    level: 'cost beside the statement by hand',
    measured: probed / sent,
    unit: '×',
    target: { relation: '≤', value: 1.25 },
    under: `medians of ${rounds} in turn: ${probed.toFixed(3)} ms and ${sent.toFixed(3)} ms`,
  };
}
