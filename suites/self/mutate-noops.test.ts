/** Over many projects: no-ops of all mutants change nothing, all of them can be applied, and no two are called alike. */

import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, inject, test } from 'vitest';
import { openLab } from '../../fixtures/lab/lab.ts';
import { isMutant } from '../../fixtures/model/mutant.ts';
import { loadOperators } from '../../fixtures/mutate/load-operators.ts';
import { findTenantSetting } from '../../fixtures/populate/tenant.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import { changedByNoops, groundWithin, type Reading } from './mutate-operators.ts';

const operators = await loadOperators();
const lab = openLab(inject('server'));
afterAll(() => lab[Symbol.asyncDispose]());

const foldersIn = async (folder: URL): Promise<readonly string[]> =>
  (await readdir(folder)).sort().map((name) => fileURLToPath(new URL(name, folder)));

const projects = [
  ...(await foldersIn(new URL('./projects/', import.meta.url))),
  ...(await foldersIn(new URL('../../supabase/', import.meta.url))),
].map((folder) => ({ folder, name: folder.replace(/^.*\//, '') }));

test.each(projects)('$name: no two mutants are called alike, and their no-ops change nothing', async ({ folder }) => {
  await using database = await lab.clone({ project: folder, continueOnError: true });
  const { catalog, owner, template } = database;
  const tenant = await findTenantSetting(catalog);
  const reading = { platform: template.project.platform, ...(tenant ? { setting: tenant.setting } : {}) };
  await owner.script('BEGIN');
  const { twice, changed } = await faultsOf(owner, reading);
  expect(twice, 'keys of more than one mutant').toEqual([]);
  expect(changed, 'no-ops that change something').toEqual([]);
});

async function faultsOf(owner: Session, reading: Reading) {
  const ground = await groundWithin(owner, reading);
  const mutants = operators.flatMap((operator) => [...operator.mutants(ground)]).filter(isMutant);
  const twice = [...Map.groupBy(mutants, ({ key }) => key)].filter(([, alike]) => alike.length > 1).map(([key]) => key);
  return { twice, changed: await changedByNoops(owner, mutants, reading, ground) };
}
