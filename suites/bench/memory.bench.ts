/** The service levels of memory chunks: retrieval at full size, and sealing. */

import { randomBytes } from 'node:crypto';
import type { Database, Lab } from '../../fixtures/lab/lab.ts';
import { type Counters, openCounters } from '../../supabase/memory/client/counters.ts';
import { asTenant } from '../../supabase/memory/client/tenant.ts';
import { openVault } from '../../supabase/memory/client/vault.ts';
import { embeddingOf, fillWithMany, nearest, type Size, tenantHash } from '../acceptance/memory/many.ts';
import { memoryProject } from '../acceptance/memory/project.ts';
import { type Measurement, percentile, timed, together } from './measurement.ts';

export interface MemoryLoad extends Size {
  readonly callers: number;
  readonly requests: number;
  readonly sealings: number;
}

export const fullLoad: MemoryLoad = {
  chunks: 100_000,
  tenants: 1000,
  dimensions: 64,
  callers: 4,
  requests: 2000,
  sealings: 20_000,
};
export const quickLoad: MemoryLoad = { ...fullLoad, chunks: 10_000, tenants: 100, requests: 200, sealings: 5000 };

/** Measures on a clone of its own. */
export async function measureMemory(lab: Lab, load: MemoryLoad): Promise<readonly Measurement[]> {
  await using database = await lab.clone({ project: memoryProject });
  await fillWithMany(database.owner, load);
  const counters = openCounters();
  const times = await retrieve(database, load, counters);
  const under = `${load.requests} requests by ${load.callers} callers; ${load.chunks} chunks × ${load.dimensions} over ${load.tenants} tenants`;
  return [
    {
      system: 'memory',
      level: 'query p95',
      measured: percentile(times, 0.95),
      unit: 'ms',
      target: { relation: '<', value: 200 },
      under,
    },
    {
      system: 'memory',
      level: 'memory_rls_policy_errors_total',
      measured: counters.read().memory_rls_policy_errors_total,
      unit: '',
      target: { relation: '=', value: 0 },
      under,
    },
    sealing(load),
  ];
}

/** Milliseconds of whole requests: begin, name the tenant, retrieve the nearest chunks, commit. */
async function retrieve(
  database: Database,
  { callers, requests, tenants, dimensions }: MemoryLoad,
  counters: Counters,
): Promise<readonly number[]> {
  const pool = await Promise.all(Array.from({ length: callers }, () => database.connect()));
  await Promise.all(pool.map((connection) => connection.query('SET ROLE app_user')));
  const times: number[] = [];
  await together(pool, requests, async (connection, n) => {
    const { elapsed, result } = await timed(() =>
      asTenant(connection, tenantHash(n % tenants), counters, (inside) =>
        inside.query(nearest, [embeddingOf(n, dimensions)]),
      ),
    );
    if (result.rows.length !== 10)
      throw new Error(`a tenant's query found ${result.rows.length} chunks where 10 were due`);
    times.push(elapsed);
  });
  return times;
}

function sealing({ sealings }: MemoryLoad): Measurement {
  const key = () => randomBytes(32).toString('hex');
  const vault = openVault({ MEMORY_TENANT_HMAC_KEY: key(), MEMORY_ENC_KEY: key() }, openCounters());
  const tenant = vault.hmacUser('bench');
  const kibibyte = randomBytes(1024);
  const started = performance.now();
  for (let round = 0; round < sealings; round += 1) vault.openSealed(vault.seal(kibibyte, tenant), tenant);
  const seconds = (performance.now() - started) / 1000;
  return {
    system: 'memory',
    level: 'seal+open of 1 KiB',
    measured: sealings / seconds,
    unit: 'per second',
    target: { relation: '≥', value: 5000 },
    under: `${sealings} rounds on one thread`,
  };
}
