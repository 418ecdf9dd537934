/** The population finds a way in where tables wait for each other, triggers object, or tenants have no accounts. */

import { describe, expect, inject, test } from 'vitest';
import { readCatalog } from '../../fixtures/introspect/catalog.ts';
import { findRow } from '../../fixtures/populate/find.ts';
import { populate } from '../../fixtures/populate/populate.ts';
import { findTenantSetting } from '../../fixtures/populate/tenant.ts';
import { ident } from '../../fixtures/wire/escape.ts';
import { openSession } from '../../fixtures/wire/session.ts';
import { scratchDatabase } from './migrate-scratch.ts';
import { castOf, everybody, rows, worldFor } from './populate-scratch.ts';

/** Foreign keys whose rows point nowhere, found by checking every one anew. */
const recheck = `DO $$
  DECLARE c record;
  BEGIN
    FOR c IN SELECT conrelid::regclass AS t, conname, pg_get_constraintdef(oid) AS def FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace LOOP
      EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname);
      EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.t, c.conname, c.def);
    END LOOP;
  END $$`;

describe('tables in a circle', () => {
  test.each([
    [
      'closed by a column that may be NULL',
      'CREATE TABLE a (id uuid PRIMARY KEY, b int); CREATE TABLE b (id serial PRIMARY KEY, a uuid NOT NULL REFERENCES a); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b',
    ],
    [
      'with no way in',
      'CREATE TABLE a (id uuid PRIMARY KEY, b uuid NOT NULL); CREATE TABLE b (id uuid PRIMARY KEY, a uuid NOT NULL REFERENCES a); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b',
    ],
    [
      'whose keys are checked late',
      'CREATE TABLE a (id int PRIMARY KEY, b int NOT NULL); CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a DEFERRABLE INITIALLY DEFERRED); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b DEFERRABLE',
    ],
    [
      'that is one table, whose root is its own parent',
      'CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, up int NOT NULL REFERENCES a); CREATE TABLE b (id int)',
    ],
    ['that is a tree', 'CREATE TABLE a (id uuid PRIMARY KEY, up uuid REFERENCES a); CREATE TABLE b (id int)'],
  ])('%s, are populated and every key holds', async (_, schema) => {
    await using scratch = await worldFor('plain', schema);
    expect(scratch.world.unpopulated).toEqual([]);
    expect(castOf(scratch.world, 'public.a')).toEqual(['shared', 'shared']);
    expect(castOf(scratch.world, 'public.b')).toEqual(['shared', 'shared']);
    await scratch.admin.script(recheck);
  });
});

test('composite keys agree with one another: the task’s team is of the task’s organisation', async () => {
  await using scratch = await worldFor(
    'supabase',
    `CREATE TABLE orgs (id int PRIMARY KEY, owner_id uuid NOT NULL REFERENCES auth.users);
     CREATE TABLE teams (org_id int REFERENCES orgs, id int, PRIMARY KEY (org_id, id));
     CREATE TABLE tasks (id int PRIMARY KEY, org_id int NOT NULL REFERENCES orgs, team_id int NOT NULL, assignee_id uuid REFERENCES auth.users, FOREIGN KEY (org_id, team_id) REFERENCES teams);`,
  );
  expect(castOf(scratch.world, 'public.tasks')).toEqual(everybody);
  await scratch.admin.script(recheck);
});

test('partitions take rows through their parent, each into one that exists', async () => {
  await using scratch = await worldFor(
    'plain',
    `CREATE TABLE ev (region text, at timestamptz NOT NULL, body text) PARTITION BY LIST (region);
     CREATE TABLE ev_eu PARTITION OF ev FOR VALUES IN ('eu') PARTITION BY RANGE (at);
     CREATE TABLE ev_eu_1 PARTITION OF ev_eu FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');`,
  );
  expect(scratch.world.unpopulated).toEqual([]);
  expect(rows(scratch.world, 'public.ev').map((row) => row.values['region'])).toEqual(['eu', 'eu']);
  expect(rows(scratch.world, 'public.ev_eu_1')).toEqual([]);
});

describe('triggers that object', () => {
  const table = 'CREATE TABLE t (id int PRIMARY KEY, owner_id uuid NOT NULL REFERENCES auth.users, body text);';
  const trigger = (body: string) => `${table}
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
    CREATE TRIGGER f BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();`;

  test('one that wants the caller to be the owner is satisfied', async () => {
    await using scratch = await worldFor(
      'supabase',
      trigger("IF auth.uid() IS DISTINCT FROM new.owner_id THEN RAISE 'not you'; END IF; RETURN new;"),
    );
    expect(castOf(scratch.world, 'public.t')).toEqual(everybody);
    expect(scratch.world.notes).toEqual([]);
  });

  test('one that wants the service is satisfied', async () => {
    await using scratch = await worldFor(
      'supabase',
      trigger("IF auth.role() <> 'service_role' THEN RAISE 'no'; END IF; RETURN new;"),
    );
    expect(castOf(scratch.world, 'public.t')).toEqual(everybody);
    expect(scratch.world.notes).toEqual([]);
  });

  test.each([
    ['refuses everybody', "RAISE 'never';"],
    ['swallows every row', 'RETURN NULL;'],
  ])('one that %s is switched off, and a note says so', async (_, body) => {
    await using scratch = await worldFor('supabase', trigger(body));
    expect(castOf(scratch.world, 'public.t')).toEqual(everybody);
    expect(scratch.world.notes.join()).toContain('public.t: made with triggers off');
    expect((await scratch.admin.query('SHOW session_replication_role')).rows[0]).toEqual({
      session_replication_role: 'origin',
    });
  });

  test('a signup trigger that fails does not keep people out', async () => {
    await using scratch = await worldFor(
      'supabase',
      `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'closed'; END $$;
       CREATE TRIGGER f AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION f();`,
    );
    expect(castOf(scratch.world, 'auth.users')).toEqual(['seed', ...everybody]);
    expect(scratch.world.notes.join()).toContain('auth.users: a signup trigger refused (P0001');
  });
});

describe('tenants without accounts', () => {
  const chunks = `
    CREATE TABLE chunks (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_hash varchar(64) NOT NULL, body text, embedding float8[] NOT NULL);
    ALTER TABLE chunks ENABLE ROW LEVEL SECURITY;
    ALTER TABLE chunks FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON chunks USING (user_hash = coalesce(current_setting('app.user_hash', true), ''));`;

  test('a setting that policies compare a column with names the tenant, whose key fits the column', async () => {
    await using scratch = await worldFor('plain', chunks);
    const { world } = scratch;
    expect(world.tenantSetting).toBe('app.user_hash');
    expect(await findTenantSetting(scratch.catalog)).toEqual({
      setting: 'app.user_hash',
      claim: null,
      columns: [{ relation: 'public.chunks', column: 'user_hash' }],
    });
    expect(world.circles.a.lead).toMatch(/^[0-9a-f]{64}$/);
    expect(findRow(world, 'public.chunks', 'a')?.values['user_hash']).toBe(world.circles.a.lead);
  });

  test('where an empty key is taken one row belongs to nobody; where it is refused there is none, and no complaint', async () => {
    await using open = await worldFor('plain', chunks);
    await using closed = await worldFor('plain', `${chunks} ALTER TABLE chunks ADD CHECK (user_hash <> '');`);
    expect(castOf(open.world, 'public.chunks')).toEqual([...everybody, 'ownerless']);
    expect(findRow(open.world, 'public.chunks', null, 'ownerless')?.values['user_hash']).toBe('');
    expect(castOf(closed.world, 'public.chunks')).toEqual(everybody);
    expect(closed.world.notes).toEqual([]);
  });

  test.each([
    ['numbers', 'bigint'],
    ['uuids', 'uuid'],
    ['texts', 'text'],
  ])('a users table of the project is found by its foreign keys, its people named by %s', async (_, type) => {
    await using scratch = await worldFor(
      'plain',
      `CREATE FUNCTION app_user() RETURNS ${type} LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.user_id', true), '')::${type} $$;
       CREATE TABLE accounts (id ${type} PRIMARY KEY, email text NOT NULL UNIQUE);
       CREATE TABLE orders (id bigserial PRIMARY KEY, account_id ${type} NOT NULL REFERENCES accounts, note text);
       CREATE TABLE lines (order_id bigint REFERENCES orders, nr int, what text, PRIMARY KEY (order_id, nr));
       CREATE POLICY own ON orders USING (account_id = app_user());`,
    );
    const { world } = scratch;
    expect(world.tenantSetting).toBe('app.user_id');
    expect(castOf(world, 'public.accounts')).toEqual(everybody);
    expect(String(findRow(world, 'public.orders', 'b')?.values['account_id'])).toBe(world.circles.b.lead);
    expect(findRow(world, 'public.lines', 'b')?.related).toEqual([world.circles.b.lead]);
  });
});

test('where the tenant calls, the people within one are rows like others, and all of a row is of one tenant', async () => {
  await using scratch = await worldFor(
    'plain',
    `CREATE FUNCTION tenant() RETURNS uuid LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN current_setting('app.tenant')::uuid; END $$;
     CREATE TABLE tenants (id uuid PRIMARY KEY, name text);
     CREATE TABLE people (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, email text NOT NULL);
     CREATE TABLE tasks (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, owner_id uuid NOT NULL REFERENCES people);
     CREATE POLICY t ON tenants USING (id = tenant());
     CREATE POLICY t ON tasks USING (tenant_id = tenant());`,
  );
  const { world } = scratch;
  expect(
    Object.fromEntries([...world.identity].map(([name, columns]) => [name, columns.map((each) => each.column)])),
  ).toEqual({
    'public.people': ['tenant_id'],
    'public.tasks': ['tenant_id'],
    'public.tenants': ['id'],
  });
  for (const task of rows(world, 'public.tasks')) {
    const owner = rows(world, 'public.people').find((row) => row.values['id'] === task.values['owner_id']);
    expect(owner?.values['tenant_id']).toBe(task.values['tenant_id']);
  }
});

test('what users write comes after their profiles, whatever the names: no trigger has to be switched off', async () => {
  await using scratch = await worldFor(
    'supabase',
    `CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users);
     CREATE TABLE articles (id int PRIMARY KEY, author_id uuid NOT NULL REFERENCES profiles);`,
  );
  expect(castOf(scratch.world, 'public.articles')).toEqual(everybody);
  expect(scratch.world.notes).toEqual([]);
});

test('an owner who is no superuser populates tables that force row security on owners, and they force it again', async () => {
  const server = inject('server');
  await using database = await scratchDatabase(server, 'plain');
  await database.admin.query(`GRANT CREATE ON SCHEMA public TO ${ident(server.login.user)}`);
  await using owner = await openSession(server, { database: database.name, as: 'login' });
  await owner.script(`
    CREATE TABLE notes (id int PRIMARY KEY, tenant text NOT NULL, body text);
    ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
    ALTER TABLE notes FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON notes USING (tenant = current_setting('app.tenant'));`);
  const world = await populate(owner, await readCatalog(owner), { seed: 1, platform: 'plain' });
  expect(castOf(world, 'public.notes')).toEqual([...everybody, 'ownerless']);
  expect((await readCatalog(owner)).relations).toMatchObject([{ name: 'public.notes', forced: true }]);
});
