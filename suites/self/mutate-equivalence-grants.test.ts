/** Privileges and constraints that make no difference are shown to be equivalent, and others are not. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type ScratchDatabase, scratchDatabase } from './migrate-scratch.ts';
import { type Case, notes, shown } from './mutate-equivalent.ts';

let database: ScratchDatabase;
beforeAll(async () => {
  database = await scratchDatabase(inject('server'), 'plain');
});
afterAll(() => database[Symbol.asyncDispose]());

const argued = (one: Case) =>
  shown(database.admin, inject('server').login.user, { clients: ['rp_client', 'rp_other'], ...one });

describe('A privilege on a table', () => {
  const select = 'GRANT SELECT ON public.docs TO rp_other';
  const insert = 'GRANT INSERT ON public.docs TO rp_other';
  const counted = `CREATE FUNCTION public.count_docs() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM public.docs';`;
  const listed = `CREATE TABLE public.lists (doc int); ALTER TABLE public.lists ENABLE ROW LEVEL SECURITY;
    CREATE POLICY unlisted ON public.lists USING (NOT EXISTS (SELECT FROM public.docs WHERE docs.id = lists.doc));`;
  const touch = (when: string) => `
    CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER touch ${when} ON public.docs FOR EACH ROW EXECUTE FUNCTION public.touch();`;

  test.each([
    ['to read, where no policy is there', notes(), select, /no permissive policy of SELECT is there for rp_other/],
    ['to read a column, where no policy is there', notes(), 'GRANT SELECT (id) ON public.docs TO rp_other', /SELECT/],
    ['to insert, where no policy is there', notes(), insert, /no permissive policy of INSERT is there for rp_other/],
    ['that a trigger after the row sees', `${notes()} ${touch('AFTER INSERT')}`, insert, /INSERT/],
    [
      'of a schema that is closed',
      `${notes()} CREATE SCHEMA inner_docs; ALTER TABLE public.docs SET SCHEMA inner_docs;`,
      'GRANT UPDATE ON inner_docs.docs TO rp_other',
      /schema inner_docs is closed for rp_other/,
    ],
    [
      'that PUBLIC holds already',
      `${notes()} GRANT SELECT ON public.docs TO PUBLIC;`,
      select,
      /whoever gains by it holds/,
    ],
    [
      'that the owner of a function reads anyhow',
      `${notes()} ${counted} ALTER FUNCTION public.count_docs() SECURITY DEFINER;`,
      select,
      /SELECT/,
    ],
    ['that a policy looks at, where he may not go', `${notes()} ${listed}`, select, /SELECT/],
  ])('is equivalent: %s', async (_, sql, change, said) => {
    expect(await argued({ sql, change })).toMatch(said);
  });

  test.each([
    ['where a policy is there', notes().replace('TO rp_client USING', 'USING'), select],
    [
      'where a policy of a group of his is there',
      `${notes()} GRANT rp_client TO rp_other; REVOKE SELECT ON public.docs FROM rp_client;`,
      select,
    ],
    ['without row security', `${notes()} ALTER TABLE public.docs DISABLE ROW LEVEL SECURITY;`, select],
    ['of one who bypasses row security', `${notes()} ALTER ROLE rp_other BYPASSRLS;`, select],
    ['with a grant option', notes(), `${select} WITH GRANT OPTION`],
    ['to empty the table', notes(), 'GRANT TRUNCATE ON public.docs TO rp_other'],
    ['to lock the table', notes(), 'GRANT UPDATE ON public.docs TO rp_other'],
    ['that a function with his rights was refused for', `${notes()} ${counted}`, select],
    ['that another policy was refused for', `${notes()} ${listed} GRANT SELECT ON public.lists TO rp_other;`, select],
    [
      'that a view with his rights was refused for',
      `${notes()} CREATE VIEW public.v WITH (security_invoker) AS SELECT 1 AS one WHERE NOT EXISTS (SELECT FROM public.docs); GRANT SELECT ON public.v TO rp_other;`,
      select,
    ],
    [
      'that a view of his was refused for, with a schema that is closed',
      `${notes()} CREATE SCHEMA inner_docs; CREATE TABLE inner_docs.lines (doc int); CREATE VIEW public.v AS SELECT doc FROM inner_docs.lines;
        ALTER VIEW public.v OWNER TO rp_other; GRANT INSERT ON public.v TO rp_client;`,
      'GRANT INSERT ON inner_docs.lines TO rp_other',
    ],
    ['that a trigger before the row sees', `${notes()} ${touch('BEFORE INSERT')}`, insert],
    ['that spends numbers', `${notes()} ALTER TABLE public.docs ADD COLUMN nr serial;`, insert],
    ['that is published', `${notes()} CREATE PUBLICATION changes FOR TABLE public.docs;`, select],
    [
      'of a closed schema whose statistics are shown',
      `${notes()} CREATE SCHEMA inner_docs; ALTER TABLE public.docs SET SCHEMA inner_docs; ALTER TABLE inner_docs.docs DISABLE ROW LEVEL SECURITY;`,
      'GRANT SELECT ON inner_docs.docs TO rp_other',
    ],
  ])('is not: %s', async (_, sql, change) => {
    expect(await argued({ sql, change })).toBeNull();
  });
});

describe('EXECUTE', () => {
  const touch = (
    rights: string,
  ) => `${notes()} REVOKE TEMP ON DATABASE ${database.name} FROM PUBLIC; REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql ${rights} AS 'BEGIN RETURN NULL; END'; REVOKE ALL ON FUNCTION public.touch() FROM PUBLIC;`;
  const inner = `${notes()} CREATE SCHEMA inner_code; CREATE FUNCTION inner_code.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION inner_code.f() FROM PUBLIC;`;
  const change = 'GRANT EXECUTE ON FUNCTION public.touch() TO rp_other';
  const onInner = 'GRANT EXECUTE ON FUNCTION inner_code.f() TO rp_other';

  test.each([
    ['of a trigger function with the rights of its caller', () => touch('SECURITY INVOKER'), change],
    ['of a trigger function where nobody can make a trigger', () => touch('SECURITY DEFINER'), change],
    ['of a function in a closed schema', () => inner, onInner],
    ['of what PUBLIC may execute', notes, 'GRANT EXECUTE ON FUNCTION public.me() TO rp_other'],
  ])('is equivalent: %s', async (_, sql, granted) => {
    expect(await argued({ sql: sql(), change: granted })).toMatch(/^Shown by the grants/);
  });

  test.each([
    [
      'of a function that can be called',
      () => `${notes()} REVOKE ALL ON FUNCTION public.me() FROM PUBLIC;`,
      'GRANT EXECUTE ON FUNCTION public.me() TO rp_other',
    ],
    [
      'of a trigger function with other rights, where a temporary table can be made',
      () => `${touch('SECURITY DEFINER')} GRANT TEMP ON DATABASE ${database.name} TO PUBLIC;`,
      change,
    ],
    [
      'of a trigger function with other rights, where TRIGGER is held',
      () => `${touch('SECURITY DEFINER')} GRANT TRIGGER ON public.docs TO rp_other;`,
      change,
    ],
    [
      'of a trigger function, where TRIGGER is held and no function can be made',
      () => `${touch('')} GRANT TRIGGER ON public.docs TO rp_other;`,
      change,
    ],
    [
      'of a function in a closed schema that a policy calls',
      () => `${inner} CREATE POLICY called ON public.docs USING (inner_code.f() = 1);`,
      onInner,
    ],
    [
      'of a function in a closed schema that another function calls',
      () => `${inner} CREATE FUNCTION public.g() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN inner_code.f(); END';`,
      onInner,
    ],
    [
      'of a function in a schema that is open to PUBLIC',
      () => `${inner} GRANT USAGE ON SCHEMA inner_code TO PUBLIC;`,
      onInner,
    ],
  ])('is not: %s', async (_, sql, granted) => {
    expect(await argued({ sql: sql(), change: granted })).toBeNull();
  });
});

describe('A constraint', () => {
  const table = (body: string) => `CREATE TABLE public.docs (id int PRIMARY KEY, ${body});`;
  const drop = (name: string) => `ALTER TABLE public.docs DROP CONSTRAINT ${name}`;
  const nullable = 'ALTER TABLE public.docs ALTER COLUMN state DROP NOT NULL';

  test.each([
    [
      'CHECK that another one says as well',
      table('n int CONSTRAINT wide CHECK (n > 0), CONSTRAINT narrow CHECK (n > 10)'),
      drop('wide'),
    ],
    ['CHECK that NOT NULL says as well', table('n int NOT NULL CONSTRAINT there CHECK (n IS NOT NULL)'), drop('there')],
    ['NOT NULL that a CHECK says as well', table('state text NOT NULL CHECK (state IS NOT NULL)'), nullable],
  ])('is equivalent: %s', async (_, sql, change) => {
    expect(await argued({ sql, change, clients: [] })).toMatch(/^Shown by exhausting \d+ cases: the other constraints/);
  });

  test.each([
    [
      'CHECK that says more than another one',
      table('n int CONSTRAINT wide CHECK (n > 0), CONSTRAINT narrow CHECK (n > 10)'),
      drop('narrow'),
    ],
    [
      'CHECK that another one says of new rows only',
      `${table('n int CONSTRAINT wide CHECK (n > 0)')} ALTER TABLE public.docs ADD CONSTRAINT narrow CHECK (n > 10) NOT VALID;`,
      drop('wide'),
    ],
    [
      'CHECK that another one says of another column',
      table('n int CONSTRAINT wide CHECK (n > 0), m int CONSTRAINT narrow CHECK (m > 10)'),
      drop('wide'),
    ],
    [
      'NOT NULL that a CHECK says as well, where a function tells one from the other',
      `${table('state text NOT NULL CHECK (state IS NOT NULL)')} CREATE FUNCTION public.f() RETURNS text LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO public.docs (state) VALUES (NULL); EXCEPTION WHEN not_null_violation THEN RETURN 'none'; END $$;`,
      nullable,
    ],
    ['NOT NULL where a CHECK lets NULL pass', table("state text NOT NULL CHECK (state <> '')"), nullable],
    ['a key', table('n int CONSTRAINT once UNIQUE'), drop('once')],
  ])('is not: %s', async (_, sql, change) => {
    expect(await argued({ sql, change, clients: [] })).toBeNull();
  });
});
