/** Over many projects: no-ops of all mutants change nothing, all of them can be applied, and no two are called alike. */

import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, inject, test } from 'vitest';
import { openLab } from '../../fixtures/lab/lab.ts';
import { type Ground, isMutant, type Mutant } from '../../fixtures/model/mutant.ts';
import { loadOperators } from '../../fixtures/mutate/load-operators.ts';
import { findTenantSetting } from '../../fixtures/populate/tenant.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import { changedBy, groundWithin, type Reading } from './mutate-operators.ts';

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
  return { twice, changed: await changing(owner, reading, ground, mutants) };
}

/** All no-ops at once, since reading a catalog takes its time; where they change something, one half after the other. */
async function changing(
  owner: Session,
  reading: Reading,
  ground: Ground,
  mutants: readonly Mutant[],
): Promise<readonly (readonly string[])[]> {
  const noops = [...new Set(mutants.map(({ noop }) => noop.join(';\n')))];
  const lines = await changedBy(owner, noops, reading, ground);
  const [only, ...more] = mutants;
  if (only === undefined || lines.length === 0) return [];
  if (more.length === 0) return [[only.key, ...lines]];
  const half = Math.ceil(mutants.length / 2);
  const found = [
    ...(await changing(owner, reading, ground, mutants.slice(0, half))),
    ...(await changing(owner, reading, ground, mutants.slice(half))),
  ];
  return found.length > 0 ? found : [['only together', ...lines]];
}
