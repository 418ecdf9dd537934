/** What the benches ran on: the machine, how busy it was, and the server's settings on which times depend. */

import { cpus, loadavg, totalmem } from 'node:os';
import { withMaintenance } from '../../fixtures/lab/clone.ts';
import type { ServerAccess } from '../../fixtures/model/server.ts';
import type { Machine } from '../../reports/service-levels.ts';

const SETTINGS = ['fsync', 'synchronous_commit', 'shared_buffers', 'autovacuum'];

/** @param before the load of the last minute when the first bench began */
export async function machineOf(access: ServerAccess, before: number): Promise<Machine> {
  const { rows } = await withMaintenance(access, (admin) =>
    admin.query('SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS name', [SETTINGS]),
  );
  const all = cpus();
  return {
    cpus: all.length,
    model: all[0]?.model.trim() ?? 'unknown',
    gigabytes: Math.round(totalmem() / 1e9),
    load: { before, after: loadavg()[0] ?? Number.NaN },
    settings: Object.fromEntries(rows.map(({ name, value }) => [String(name), String(value)])),
  };
}
