/** Memory chunks taken back: the database is as it was before, and the migrations apply again. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { readCatalog } from '../../../fixtures/introspect/catalog.ts';
import { openLab } from '../../../fixtures/lab/lab.ts';
import type { Catalog } from '../../../fixtures/model/catalog.ts';
import type { Session } from '../../../fixtures/wire/session.ts';
import { insert, openScene, projectFile, request, stage1, useTenant } from './scene.ts';
import { A } from './tenants.ts';

const fiveMinutes = 5 * 60 * 1000;
const stages = [
  ['the head', undefined],
  ['stage 1', stage1],
] as const;
const files = ['migrations/20250110090000_memory_chunks.sql', 'migrations/20250310090000_tenant_hardening.sql'];

test.each(stages)(
  'T-MEM-17 rollback of %s takes under five minutes and leaves the catalog of a database that never had it',
  async (_, to) => {
    await using scene = await openScene(to);
    const { owner } = scene.database;
    const started = performance.now();
    await owner.script(await projectFile('rollback.sql'));
    expect(performance.now() - started).toBeLessThan(fiveMinutes);
    expect(comparable(await readCatalog(owner))).toEqual(comparable(await catalogOfEmptyProject()));
  },
);

test.each(stages)(
  'T-MEM-17 after rollback of %s information_schema counts 0 and the roles hold nothing',
  async (_, to) => {
    await using scene = await openScene(to);
    const { owner } = scene.database;
    await owner.script(await projectFile('rollback.sql'));
    expect(await left(owner)).toEqual({ tables: 0, routines: 0, privileges: 0, policies: 0, held: 0 });
  },
);

test('T-MEM-17 a view that somebody built on the table stops the rollback, and all stays', async () => {
  await using scene = await openScene();
  const { owner } = scene.database;
  await owner.query('CREATE VIEW public.report AS SELECT source FROM public.memory_chunks');
  const before = comparable(await readCatalog(owner));
  await expect(owner.script(await projectFile('rollback.sql'))).rejects.toMatchObject({ code: '2BP01' });
  await owner.query('ROLLBACK');
  expect(comparable(await readCatalog(owner))).toEqual(before);
});

test('T-MEM-18 after a rollback, or two, the migrations apply again and protect as before', async () => {
  await using scene = await openScene();
  const { owner } = scene.database;
  const rollback = await projectFile('rollback.sql');
  await owner.script(rollback);
  await owner.script(rollback);
  for (const file of files) await owner.script(await projectFile(file));
  expect(comparable(await readCatalog(owner))).toEqual(comparable(scene.database.catalog));
  await request(scene.caller, [useTenant(A), insert(crypto.randomUUID(), A, 'written again')]);
  const list = 'SELECT text_plain FROM public.memory_chunks';
  expect(await request(scene.caller, [useTenant(A), list])).toEqual([{ text_plain: 'written again' }]);
  expect(await request(scene.caller, [list])).toEqual([]);
});

/** Without what differs from one creation to the next; roles belong to the whole server and stay. */
function comparable({ roles: _, ...catalog }: Catalog): unknown {
  return JSON.parse(JSON.stringify(catalog, (key, value: unknown) => (key === 'oid' ? undefined : value)));
}

async function left(owner: Session): Promise<unknown> {
  const { rows } = await owner.query(`
    SELECT (SELECT count(*)::int FROM information_schema.tables WHERE table_name = 'memory_chunks') AS tables,
      (SELECT count(*)::int FROM information_schema.routines WHERE routine_name LIKE 'memory\\_%') AS routines,
      (SELECT count(*)::int FROM information_schema.table_privileges WHERE grantee IN ('app_user', 'memory_owner')) AS privileges,
      (SELECT count(*)::int FROM pg_policies WHERE tablename = 'memory_chunks') AS policies,
      (SELECT count(*)::int FROM pg_shdepend
       WHERE refobjid IN ('app_user'::regrole, 'memory_owner'::regrole)
         AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())) AS held`);
  return rows[0];
}

/** What a plain database looks like after a migration that does nothing. */
async function catalogOfEmptyProject(): Promise<Catalog> {
  const folder = await mkdtemp(join(tmpdir(), 'rowproof-empty-'));
  try {
    await mkdir(join(folder, 'migrations'));
    await writeFile(join(folder, 'migrations', '001_nothing.sql'), 'SELECT 1;\n');
    await using lab = openLab(inject('server'));
    return (await lab.template({ project: folder, platform: 'plain' })).catalog;
  } finally {
    await rm(folder, { recursive: true });
  }
}
