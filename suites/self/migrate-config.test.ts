/** What config.toml says of the API, of seeds and of the rights of new things is read, and what it does not say is left open. */

import { describe, expect, inject, test } from 'vitest';
import { findProject } from '../../fixtures/migrate/project.ts';
import { applyPlatform } from '../../fixtures/platform/apply.ts';
import { column, scratchDatabase, scratchFolder } from './migrate-scratch.ts';

async function read(config: string | null) {
  await using folder = await scratchFolder({
    'migrations/1_a.sql': 'SELECT 1;',
    ...(config === null ? {} : { 'config.toml': config }),
  });
  return await findProject(folder.path);
}

describe('config.toml', () => {
  test('names the schemas that the API serves; public is always one', async () => {
    const project = await read('[api]\nschemas = ["api"]\nextra_search_path = ["extensions"]');
    expect(project).toMatchObject({ exposedSchemas: ['public', 'api'], requestPath: ['public', 'extensions'] });
  });

  test('that says nothing, or is not there, leaves it open', async () => {
    const open = { exposedSchemas: null, requestPath: null, defaultGrants: 'exposed', seeds: [], notes: [] };
    expect(await read(null)).toMatchObject(open);
    expect(await read('project_id = "x"\n[db.seed]\nsql_paths = ["./seed.sql"]')).toMatchObject(open);
  });

  test('says whether new tables are exposed', async () => {
    expect(await read('[api]\nauto_expose_new_tables = false')).toMatchObject({ defaultGrants: 'revoked' });
    expect(await read('[api]\nauto_expose_new_tables = true')).toMatchObject({ defaultGrants: 'exposed' });
  });

  test('that is no TOML is noted, and so is a seed that is not there', async () => {
    expect((await read('[api\nschemas = {{ x }}')).notes).toEqual([
      expect.stringContaining('config.toml was not understood'),
    ]);
    expect((await read('[db.seed]\nsql_paths = ["./seeds/*.sql"]')).notes).toEqual([
      expect.stringContaining('./seeds/*.sql'),
    ]);
  });
});

test('where new tables are not exposed, the roles of the API may neither read nor call by name', async () => {
  await using database = await scratchDatabase(inject('server'), 'plain');
  await applyPlatform(database.admin, inject('server'), 'supabase', 'revoked');
  await database.admin.script(
    "CREATE TABLE t (x serial); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION g() FROM PUBLIC",
  );
  const may = `SELECT has_table_privilege(r, 't', 'SELECT') OR has_sequence_privilege(r, 't_x_seq', 'USAGE') OR has_function_privilege(r, 'g()', 'EXECUTE')
    FROM unnest(ARRAY['anon', 'authenticated', 'service_role']) AS r`;
  expect(await column(database.admin, may)).toEqual([false, false, false]);
  // PostgreSQL itself lets everybody call a new function, and no default of one schema can take that away.
  expect(await column(database.admin, "SELECT has_function_privilege('anon', 'f()', 'EXECUTE')")).toEqual([true]);
});
