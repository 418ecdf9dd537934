/** The project under test is found where it stands, or the reason why not names what to do. */

import { describe, expect, test } from 'vitest';
import { findProject } from '../../fixtures/migrate/project.ts';
import { scratchFolder } from './migrate-scratch.ts';

const table = 'CREATE TABLE t (id int);';

async function found(files: { readonly [path: string]: string }, below = '') {
  await using folder = await scratchFolder(files);
  const project = await findProject(`${folder.path}/${below}`);
  const inside = (path: string | null) => path?.slice(folder.path.length + 1) ?? null;
  return {
    ...project,
    folder: inside(project.folder),
    files: project.migrations.map(({ path }) => inside(path)),
    seed: inside(project.seeds[0] ?? null),
    rollback: inside(project.rollback),
  };
}

describe('finding a project', () => {
  test.each([
    ['a folder of .sql files', { '1_a.sql': table }, '', ['1_a.sql']],
    ['the folder named migrations', { 'migrations/1_a.sql': table }, 'migrations', ['migrations/1_a.sql']],
    ['its parent', { 'migrations/1_a.sql': table }, '', ['migrations/1_a.sql']],
    [
      'a repository root with supabase/migrations',
      { 'supabase/migrations/1_a.sql': table, 'README.md': '' },
      '',
      ['supabase/migrations/1_a.sql'],
    ],
    ['a repository root with db/migrations', { 'db/migrations/1_a.sql': table }, '', ['db/migrations/1_a.sql']],
    ['prisma folders', { 'prisma/migrations/1_a/migration.sql': table }, '', ['prisma/migrations/1_a/migration.sql']],
    [
      'up.sql beside down.sql',
      { 'migrations/1_a/up.sql': table, 'migrations/1_a/down.sql': 'x' },
      '',
      ['migrations/1_a/up.sql'],
    ],
    [
      'the only migrations folder deep inside',
      { 'apps/web/supabase/migrations/1_a.sql': table },
      '',
      ['apps/web/supabase/migrations/1_a.sql'],
    ],
  ])('%s is a project', async (_, files, below, expected) => {
    expect((await found(files, below)).files).toEqual(expected);
  });

  test('the folder that holds migrations/ is the project, with its seed and rollback', async () => {
    const project = await found({
      'supabase/migrations/1_a.sql': table,
      'supabase/seed.sql': '',
      'supabase/rollback.sql': '',
    });
    expect(project).toMatchObject({ folder: 'supabase', seed: 'supabase/seed.sql', rollback: 'supabase/rollback.sql' });
  });

  test('a repository gives its name to supabase/ inside it', async () => {
    expect((await found({ 'shop/supabase/migrations/1_a.sql': table }, 'shop')).name).toBe('shop');
  });

  test('files apply by name, a repeated version keeps both, and ways back are left out', async () => {
    const names = [
      '0002_b.sql',
      '0001_z.sql',
      '0002_a.sql',
      '20240101_c.sql',
      '0001_z.down.sql',
      'rollback.sql',
      'seed.sql',
      'down.sql',
      '0003_undo.sql',
      'notes.txt',
    ];
    const project = await found(Object.fromEntries(names.map((name) => [`migrations/${name}`, table])));
    expect(project.files).toEqual(
      ['0001_z.sql', '0002_a.sql', '0002_b.sql', '20240101_c.sql'].map((name) => `migrations/${name}`),
    );
    expect(project.migrations.map(({ version, name }) => [version, name])).toEqual([
      ['0001', 'z'],
      ['0002', 'a'],
      ['0002', 'b'],
      ['20240101', 'c'],
    ]);
  });

  test('Flyway and golang-migrate files apply by number', async () => {
    expect((await found({ 'V10__b.sql': table, 'V2__a.sql': table, 'U2__a.sql': table })).files).toEqual([
      'V2__a.sql',
      'V10__b.sql',
    ]);
    expect((await found({ '10_b.up.sql': table, '2_a.up.sql': table, '2_a.down.sql': table })).files).toEqual([
      '2_a.up.sql',
      '10_b.up.sql',
    ]);
  });
});

describe('a sqitch project', () => {
  const plan =
    '%syntax-version=1.0.0\n%project=x\n\nusers 2024-01-01T00:00:00Z A <a@example.org> # first\nadmin [users] 2024-01-02T00:00:00Z A <a@example.org>\n@v1 2024-01-03T00:00:00Z A <a@example.org> # tag\n\nusers [users@v1] 2024-01-04T00:00:00Z A <a@example.org>\n';
  const files = {
    'sqitch.plan': plan,
    'deploy/users.sql': table,
    'deploy/users@v1.sql': table,
    'deploy/admin.sql': table,
    'revert/users.sql': 'x',
    'verify/users.sql': 'x',
  };

  test.each(['', 'deploy'])('applies by plan, a reworked change with its old text first (%s)', async (below) => {
    expect(await found(files, below)).toMatchObject({
      folder: '',
      files: ['deploy/users@v1.sql', 'deploy/admin.sql', 'deploy/users.sql'],
    });
  });
});

test('a planned file that is missing is named', async () => {
  await expect(
    found({ 'sqitch.plan': 'users 2024-01-01T00:00:00Z A <a@example.org>', 'deploy/other.sql': table }),
  ).rejects.toMatchObject({ name: 'CannotRun', message: expect.stringMatching(/deploy\/users\.sql .*ENOENT/) });
});

describe('not finding a project', () => {
  test('a missing path is named', async () => {
    await expect(findProject('/nowhere/at/all')).rejects.toMatchObject({
      name: 'CannotRun',
      message: expect.stringContaining('/nowhere/at/all'),
    });
  });

  test('a file is no project', async () => {
    await expect(found({ '1_a.sql': table }, '1_a.sql')).rejects.toMatchObject({
      name: 'CannotRun',
      message: expect.stringContaining('is a file'),
    });
  });

  test('a folder without migrations is told where was looked', async () => {
    await expect(found({ 'migrations/readme.md': '' })).rejects.toMatchObject({
      name: 'CannotRun',
      message: expect.stringContaining('supabase/migrations'),
    });
  });

  test('several candidates are listed', async () => {
    const several = found({ 'migrations/1_a.sql': table, 'supabase/migrations/1_a.sql': table });
    await expect(several).rejects.toMatchObject({
      name: 'CannotRun',
      message: expect.stringContaining('migrations, supabase/migrations'),
    });
    const deep = found({ 'apps/a/migrations/1.sql': table, 'apps/b/migrations/1.sql': table });
    await expect(deep).rejects.toMatchObject({
      name: 'CannotRun',
      message: expect.stringContaining('apps/a/migrations, apps/b/migrations'),
    });
  });
});

describe('telling the platform', () => {
  test.each([
    ['auth.uid()', 'CREATE POLICY p ON t USING (owner = auth.uid());', 'supabase'],
    ['a foreign key to auth.users', 'CREATE TABLE t (id uuid REFERENCES "auth"."users");', 'supabase'],
    ['storage.objects', 'CREATE POLICY p ON storage.objects USING (true);', 'supabase'],
    ['a grant to authenticated', 'GRANT SELECT ON t TO authenticated;', 'supabase'],
    ['a policy for anon', 'CREATE POLICY p ON t FOR SELECT TO anon USING (true);', 'supabase'],
    ['none of it', 'CREATE ROLE app_user; GRANT SELECT ON t TO app_user;', 'plain'],
    ['a comment alone', '-- unlike auth.uid() GRANT SELECT ON t TO anon\nCREATE TABLE t (id int);', 'plain'],
    [
      'roles and schema of its own',
      'CREATE SCHEMA auth; CREATE ROLE anon; SELECT auth.uid(); GRANT SELECT ON t TO anon;',
      'plain',
    ],
  ])('%s', async (_, sql, platform) => {
    expect((await found({ '1_a.sql': sql })).platform).toBe(platform);
  });

  test('a config.toml of the Supabase CLI decides', async () => {
    expect(
      (await found({ 'supabase/migrations/1_a.sql': table, 'supabase/config.toml': 'project_id = "x"\n' })).platform,
    ).toBe('supabase');
  });

  test('it can be said', async () => {
    await using folder = await scratchFolder({ '1_a.sql': table });
    expect((await findProject(folder.path, { platform: 'supabase' })).platform).toBe('supabase');
  });
});
