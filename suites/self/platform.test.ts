/** The hosted platform behaves, where verdicts depend on it, as the real one does. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { isDatabaseError, type Session } from '../../fixtures/wire/session.ts';
import { column, type ScratchDatabase, scratchDatabase } from './migrate-scratch.ts';

let database: ScratchDatabase;
let admin: Session;

beforeAll(async () => {
  database = await scratchDatabase(inject('server'), 'supabase');
  admin = database.admin;
});
afterAll(() => database[Symbol.asyncDispose]());

/** Runs statements and rolls them back; the last one's first column, or the SQLSTATE that refused. */
async function outcome(...statements: readonly string[]): Promise<unknown> {
  await admin.script('BEGIN');
  try {
    const results = await admin.script(statements.join(';\n'));
    return Object.values(results.at(-1)?.rows[0] ?? {})[0];
  } catch (error) {
    if (!isDatabaseError(error)) throw error;
    return error.code;
  } finally {
    await admin.script('ROLLBACK');
  }
}

const table = 'CREATE TABLE public.t (x int); INSERT INTO t VALUES (1)';
const routine = "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 7'";
const call = 'SELECT public.f()';
const as = (role: string) => `SET LOCAL ROLE ${role}`;

describe('what a migration creates in schema public', () => {
  test.each(['anon', 'authenticated', 'service_role'])(
    'a new table without row security is open to %s',
    async (role) => {
      expect(await outcome(table, as(role), 'INSERT INTO t VALUES (2)', 'SELECT count(*)::int FROM t')).toBe(2);
    },
  );

  test('row security closes it, but not to the service', async () => {
    const closed = [table, 'ALTER TABLE t ENABLE ROW LEVEL SECURITY'];
    expect(await outcome(...closed, as('anon'), 'SELECT count(*)::int FROM t')).toBe(0);
    expect(await outcome(...closed, as('service_role'), 'SELECT count(*)::int FROM t')).toBe(1);
  });

  test('a new function is executable by anon through two grants: either revoke alone leaves the other', async () => {
    const fromPublic = 'REVOKE ALL ON FUNCTION public.f() FROM PUBLIC';
    const fromAnon = 'REVOKE ALL ON FUNCTION public.f() FROM anon';
    expect(await outcome(routine, as('anon'), call)).toBe(7);
    expect(await outcome(routine, fromPublic, as('anon'), call)).toBe(7);
    expect(await outcome(routine, fromAnon, as('anon'), call)).toBe(7);
    expect(await outcome(routine, fromPublic, fromAnon, as('anon'), call)).toBe('42501');
  });

  test('dropping and creating a function again brings the grants back, replacing it does not', async () => {
    const revoked = [routine, 'REVOKE ALL ON FUNCTION public.f() FROM PUBLIC, anon'];
    expect(await outcome(...revoked, routine.replace('CREATE', 'CREATE OR REPLACE'), as('anon'), call)).toBe('42501');
    expect(await outcome(...revoked, 'DROP FUNCTION public.f()', routine, as('anon'), call)).toBe(7);
  });

  test('a new sequence is open, and a schema of the project is closed', async () => {
    expect(await outcome('CREATE SEQUENCE public.s', as('anon'), "SELECT nextval('public.s')::int")).toBe(1);
    expect(
      await outcome('CREATE SCHEMA private; CREATE TABLE private.t ()', as('anon'), 'SELECT * FROM private.t'),
    ).toBe('42501');
  });

  test('the platform grants the same for its own two owners', async () => {
    const grantors = await column(
      admin,
      "SELECT DISTINCT r.rolname FROM pg_default_acl d JOIN pg_roles r ON r.oid = d.defaclrole WHERE d.defaclnamespace = 'public'::regnamespace ORDER BY 1",
    );
    expect(grantors).toEqual(expect.arrayContaining(['postgres', 'supabase_admin']));
  });
});

describe('who is calling', () => {
  const user = '11111111-1111-4111-8111-111111111111';
  const claims = (value: string) => `SELECT set_config('request.jwt.claims', '${value}', true)`;
  const whole = JSON.stringify({ sub: user, role: 'authenticated', email: 'a@example.org' });

  test.each([
    ['uid', user],
    ['role', 'authenticated'],
    ['email', 'a@example.org'],
  ])('auth.%s() reads the claims', async (name, value) => {
    expect(await outcome(claims(whole), as('authenticated'), `SELECT auth.${name}()::text`)).toBe(value);
    expect(
      await outcome(
        `SELECT set_config('request.jwt.claim.${name === 'uid' ? 'sub' : name}', '${value}', true)`,
        `SELECT auth.${name}()::text`,
      ),
    ).toBe(value);
  });

  test.each(['uid', 'role', 'email', 'jwt'])(
    'auth.%s() is null without claims and for an empty string',
    async (name) => {
      expect(await outcome(as('anon'), `SELECT auth.${name}()`)).toBe(null);
      expect(await outcome(claims(''), as('anon'), `SELECT auth.${name}()`)).toBe(null);
    },
  );

  test('auth.uid() is null for claims without sub, and refuses a sub that is no uuid', async () => {
    expect(await outcome(claims('{"role":"authenticated"}'), 'SELECT auth.uid()')).toBe(null);
    expect(await outcome(claims('{"sub":"bob"}'), 'SELECT auth.uid()')).toBe('22P02');
  });

  test('auth.jwt() is the whole of the claims', async () => {
    expect(await outcome(claims(whole), 'SELECT auth.jwt()')).toEqual(JSON.parse(whole));
  });
});

describe('auth', () => {
  const seed = `INSERT INTO auth.users (
      instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, last_sign_in_at, raw_app_meta_data, raw_user_meta_data,
      created_at, updated_at, confirmation_token, recovery_token, email_change_token_new, email_change_token_current, email_change,
      phone, phone_change, reauthentication_token, is_anonymous, is_sso_user, is_super_admin, banned_until, deleted_at)
    VALUES ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated', 'a@example.org',
      crypt('secret', gen_salt('bf', 4)), now(), now(), '{"provider":"email"}', '{"name":"A"}', now(), now(), '', '', '', '', '', NULL, '', '',
      FALSE, FALSE, NULL, NULL, NULL)`;

  test('a seed inserts a whole user, and a signup trigger of the project fires', async () => {
    expect(await outcome(seed, 'SELECT confirmed_at IS NOT NULL FROM auth.users')).toBe(true);
    const trigger = `CREATE TABLE profiles (id uuid REFERENCES auth.users ON DELETE CASCADE, name text);
      CREATE FUNCTION hello() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN INSERT INTO profiles VALUES (NEW.id, NEW.raw_user_meta_data ->> 'name'); RETURN NEW; END $$;
      CREATE TRIGGER hello AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION hello()`;
    expect(await outcome(trigger, seed, 'SELECT name FROM profiles')).toBe('A');
  });

  test('its tables are closed to clients', async () => {
    for (const role of ['anon', 'authenticated'])
      expect(await outcome(as(role), 'SELECT count(*) FROM auth.users')).toBe('42501');
  });
});

describe('storage', () => {
  const file =
    "INSERT INTO storage.buckets (id, name) VALUES ('b', 'b'); INSERT INTO storage.objects (bucket_id, name) VALUES ('b', 'a/b/c.tar.gz')";

  test('row security is on: every privilege, and no row without a policy', async () => {
    expect(await outcome(file, as('authenticated'), 'SELECT count(*)::int FROM storage.objects')).toBe(0);
    expect(await outcome(as('authenticated'), "INSERT INTO storage.buckets (id, name) VALUES ('b', 'b')")).toBe(
      '42501',
    );
    const policy =
      "CREATE POLICY p ON storage.objects FOR SELECT TO authenticated USING ((storage.foldername(name))[1] = 'a')";
    expect(await outcome(file, policy, as('authenticated'), 'SELECT count(*)::int FROM storage.objects')).toBe(1);
  });

  test.each([
    ["storage.foldername('a/b/c.tar.gz')", ['a', 'b']],
    ["storage.filename('a/b/c.tar.gz')", 'c.tar.gz'],
    ["storage.extension('a/b/c.tar.gz')", 'gz'],
    ["storage.allow_only_operation('object.get')", false],
  ])('%s', async (call, value) => {
    expect(await outcome(as('anon'), `SELECT ${call}`)).toEqual(value);
  });

  test('an operation is known with and without its prefix', async () => {
    const operation = "SELECT set_config('storage.operation', 'storage.object.get', true)";
    expect(await outcome(operation, "SELECT storage.allow_any_operation(ARRAY['object.list', 'object.get'])")).toBe(
      true,
    );
  });
});

describe('the rest', () => {
  test.each([
    ['extensions are found without a schema', 'SELECT uuid_generate_v4() IS NOT NULL'],
    ['and with it', "SELECT extensions.digest('a', 'sha256') IS NOT NULL"],
    [
      'a table joins the change feed',
      'CREATE TABLE t (); ALTER PUBLICATION supabase_realtime ADD TABLE t; SELECT true',
    ],
    ['a message is broadcast', "SELECT realtime.send('{}', 'e', 't'); SELECT count(*) = 1 FROM realtime.messages"],
    [
      'a secret is kept',
      "SELECT vault.create_secret('s', 'n'); SELECT decrypted_secret = 's' FROM vault.decrypted_secrets",
    ],
    [
      'a webhook trigger fires',
      "CREATE TABLE t (x int); CREATE TRIGGER w AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION supabase_functions.http_request('http://x', 'POST', '{}', '{}', '1000'); INSERT INTO t VALUES (1); SELECT true",
    ],
    ['graphql answers', 'SELECT graphql_public.graphql() IS NOT NULL'],
  ])('%s', async (_, sql) => {
    expect(await outcome(sql)).toBe(true);
  });

  test('secrets are closed to clients', async () => {
    expect(await outcome(as('authenticated'), 'SELECT * FROM vault.decrypted_secrets')).toBe('42501');
    expect(await outcome(as('authenticated'), "SELECT vault.create_secret('s')")).toBe('42501');
  });

  test('schemas belong to their services', async () => {
    const owners = await column(
      admin,
      "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('auth', 'storage') ORDER BY 1",
    );
    expect(owners).toEqual(['supabase_auth_admin', 'supabase_storage_admin']);
  });

  test('roles are what verdicts rest on', async () => {
    const { rows } = await admin.query(
      "SELECT rolname AS role, rolcanlogin AS login, rolinherit AS inherit, rolbypassrls AS bypass, rolsuper AS super FROM pg_roles WHERE rolname IN ('anon', 'authenticated', 'service_role', 'authenticator') ORDER BY 1",
    );
    expect(rows).toEqual([
      { role: 'anon', login: false, inherit: false, bypass: false, super: false },
      { role: 'authenticated', login: false, inherit: false, bypass: false, super: false },
      { role: 'authenticator', login: true, inherit: false, bypass: false, super: false },
      { role: 'service_role', login: false, inherit: false, bypass: true, super: false },
    ]);
  });

  test('plain PostgreSQL has none of it', async () => {
    await using plain = await scratchDatabase(inject('server'), 'plain');
    expect(await column(plain.admin, "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1")).toEqual([
      'information_schema',
      'public',
    ]);
    expect(await column(plain.admin, 'SELECT count(*)::int FROM pg_default_acl')).toEqual([0]);
  });
});
