/** What the benches ran on: the machine, how busy it was, and the server's settings on which times depend. */

import { statfs } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { withMaintenance } from '../../fixtures/lab/clone.ts';
import type { ServerAccess } from '../../fixtures/model/server.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import type { Machine } from '../../reports/service-levels.ts';

const SETTINGS = ['fsync', 'synchronous_commit', 'shared_buffers', 'autovacuum'];

/** What statfs calls a file system in memory on Linux. */
const TMPFS = 0x01021994;

export interface DataPlace {
  readonly kind: 'in memory' | 'on disk' | 'on another machine';
  /** Gigabytes that are free there. */
  readonly free: number;
}

/** Where the server that answers keeps its data, as far as it can be seen from here. */
export async function dataPlace(admin: Session): Promise<DataPlace> {
  const { rows } = await admin.query('SHOW data_directory');
  try {
    const { type, bavail, bsize } = await statfs(String(rows[0]?.['data_directory']));
    return { kind: type === TMPFS ? 'in memory' : 'on disk', free: (bavail * bsize) / 1e9 };
  } catch {
    return { kind: 'on another machine', free: Number.NaN };
  }
}

/** @param before the load of the last minute when the first bench began */
export async function machineOf(access: ServerAccess, before: number): Promise<Machine> {
  const { settings, place } = await withMaintenance(access, async (admin) => ({
    settings: await admin.query('SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS name', [
      SETTINGS,
    ]),
    place: await dataPlace(admin),
  }));
  const all = cpus();
  return {
    cpus: all.length,
    model: all[0]?.model.trim() ?? 'unknown',
    gigabytes: Math.round(totalmem() / 1e9),
    load: { before, after: loadavg()[0] ?? Number.NaN },
    data: place.kind,
    settings: Object.fromEntries(settings.rows.map(({ name, value }) => [String(name), String(value)])),
  };
}
