/** The whole check on a catalogue of holes and their repairs: found where planted, gone when repaired. */

import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { check } from '../../fixtures/engine/check.ts';
import { openLab } from '../../fixtures/lab/lab.ts';
import { CannotRun } from '../../fixtures/model/errors.ts';
import { loadAttacks } from '../load-attacks.ts';
import { projectOf } from '../self/project-of.ts';
import { unshown } from '../self/shows.ts';

interface Entry {
  readonly id: string;
  readonly surface: string;
  /** Majors of PostgreSQL on which the hole exists; elsewhere plant and repair are both silent about it. */
  readonly majors: readonly string[];
  readonly base: string;
  readonly plant: string;
  readonly repair: string;
  /** Keys that the plant adds and the repair takes away. */
  readonly found: readonly string[];
  /** What is open above `low` in the same SQL besides, when the hole is repaired. */
  readonly remains: readonly string[];
}

const catalogue: readonly Entry[] = JSON.parse(await readFile(new URL('./catalogue.json', import.meta.url), 'utf8'));
const attacks = await loadAttacks();
const server = inject('server');
// Some plants change roles, which belong to the whole server: nobody else's.
if (server.kind === 'external')
  throw new CannotRun(
    'The catalogue changes roles of the server, so it needs one of its own.',
    'Unset ROWPROOF_DATABASE_URL, or set ROWPROOF_SERVER=embedded.',
  );
const major = String(Math.floor(server.versionNumber / 10_000));
const lab = openLab(server);
afterAll(() => lab[Symbol.asyncDispose]());

/** Two people who have signed up, a schema that the API does not expose with a table of nobody's, and two login roles. */
const GROUND = `
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_owner') THEN
    CREATE ROLE app_owner LOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reporter') THEN
    CREATE ROLE reporter LOGIN;
  END IF;
END
$$;
ALTER ROLE app_owner NOSUPERUSER NOBYPASSRLS NOCREATEROLE;
ALTER ROLE reporter NOSUPERUSER NOBYPASSRLS NOCREATEROLE;
REVOKE pg_read_all_data FROM reporter;
CREATE SCHEMA private;
CREATE TABLE private.nobodys (id int PRIMARY KEY);
INSERT INTO auth.users (id, email) VALUES
  ('00000000-0000-4000-8000-0000000000aa', 'a@example.test'),
  ('00000000-0000-4000-8000-0000000000bb', 'b@example.test');
INSERT INTO storage.buckets (id, name) VALUES ('av', 'av'), ('t', 't');`;

const findingsOf = async (files: Readonly<Record<string, string>>) => {
  const project = await projectOf({ '1_ground.sql': GROUND, ...files });
  const { findings } = await check(lab, { project, attacks, seed: 1, platform: 'supabase', today: '2000-01-01' });
  return {
    project,
    findings,
    all: findings.map(({ key }) => key),
    serious: findings.filter(({ severity }) => severity !== 'low').map(({ key }) => key),
  };
};

// One after the other: what a plant does to a role is undone before the next project.
describe(`PostgreSQL ${major}`, () => {
  test.each(catalogue)('$surface: $id', async ({ majors, base, plant, repair, found, remains }) => {
    const planted = { '2_base.sql': base, '3_plant.sql': plant };
    const before = await findingsOf(planted);
    if (majors.includes(major)) expect(before.all).toEqual(expect.arrayContaining([...found]));
    else expect(before.serious).toEqual([]);
    const told = before.findings.filter(({ key }) => found.includes(key));
    expect(await unshown(lab, { project: before.project, platform: 'supabase' }, told), 'unshown').toEqual([]);
    const after = await findingsOf({ ...planted, '4_repair.sql': repair });
    expect(after.all.filter((key) => found.includes(key))).toEqual([]);
    expect(after.serious.toSorted()).toEqual(remains.toSorted());
  });
});
