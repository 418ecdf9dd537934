/** Routines to which a search_path, or whose rights they run with, makes no difference are shown to be so, and others are not. */

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

/** A function of plain SQL, or of PL/pgSQL where declarations are given. */
function routine(body: string, { head = 'SECURITY DEFINER', declares = '' } = {}): string {
  const plpgsql = `LANGUAGE plpgsql AS $f$ ${declares} BEGIN ${body}; RETURN NULL; END $f$`;
  return `${notes()} CREATE FUNCTION public.f(a text, b text) RETURNS text ${head} SET search_path = pg_catalog, pg_temp ${plpgsql};`;
}

describe('A search_path that is dropped', () => {
  const change = 'ALTER FUNCTION public.f(text, text) RESET search_path';
  const pinned = "SET search_path = pg_catalog AS 'SELECT 1'";

  test.each([
    ['nothing is named', routine("IF a = b THEN RAISE EXCEPTION 'no'; END IF")],
    ['built-in functions are called', routine('a := lower(btrim(b))')],
    [
      'a table is qualified',
      routine("PERFORM 1 FROM public.docs WHERE docs.owner = a AND docs.state IN ('draft') FOR SHARE"),
    ],
    ['a CTE is named', routine('PERFORM (WITH mine AS (SELECT 1 FROM public.docs) SELECT count(*) FROM mine)')],
    ['a type is a word of the grammar', routine('i := 1', { declares: 'DECLARE i integer;' })],
    [
      'what is called has a path of its own',
      `${routine('a := public.g()')} CREATE FUNCTION public.g() RETURNS int LANGUAGE sql ${pinned};`,
    ],
    [
      'what is called is as free of it',
      `${routine('a := public.g()')} CREATE FUNCTION public.g() RETURNS text LANGUAGE sql AS $$ SELECT lower('A') $$;`,
    ],
    ['rows are deleted with which nothing goes', routine('DELETE FROM public.docs WHERE docs.owner = a')],
  ])('is equivalent where %s', async (_, sql) => {
    expect(await argued({ sql, change })).toMatch(/^Shown from the parse tree of public\.f\(text,text\): it qualifies/);
  });

  test.each([
    ['a table is not qualified', routine('PERFORM 1 FROM docs').replace('= pg_catalog', '= public')],
    ['a type is a name', routine('i := a', { declares: 'DECLARE i text;' })],
    ['a value is cast to a type by its name', routine("IF a::uuid = b::uuid THEN RAISE 'no'; END IF")],
    ['a statement is put together', routine("EXECUTE 'SELECT 1'")],
    ['a name is looked up later', routine('PERFORM to_regclass(a)')],
    ['another setting is asked', routine("a := current_setting('search_path')")],
    ['it asks for the first schema of its path', routine('a := current_schema')],
    [
      'a table is said by as much of its name as the path wants',
      `${notes()} CREATE FUNCTION public.f(of regclass) RETURNS jsonb LANGUAGE sql SET search_path = pg_catalog
        AS 'SELECT jsonb_build_object(1, of)';`,
      'ALTER FUNCTION public.f(regclass) RESET search_path',
    ],
    ['a client may create functions', `${routine('a := lower(b)')} CREATE SCHEMA theirs AUTHORIZATION rp_client;`],
    ['everybody may create functions', `${routine('a := lower(b)')} GRANT CREATE ON SCHEMA public TO PUBLIC;`],
    [
      'a login can become one who may create functions',
      `${routine('a := lower(b)')} CREATE ROLE rp_maker; CREATE ROLE rp_app LOGIN IN ROLE rp_maker; GRANT CREATE ON SCHEMA public TO rp_maker;`,
    ],
    [
      'another function of that name is there',
      `${routine('a := lower(b)')} CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE sql AS 'SELECT NULL';`,
    ],
    [
      'another operator of that name is there',
      `${routine("IF a = b THEN RAISE 'no'; END IF")} CREATE FUNCTION public.eq(varchar, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT true'; CREATE OPERATOR public.= (FUNCTION = public.eq, LEFTARG = varchar, RIGHTARG = varchar);`,
    ],
    [
      'what is called reads along the path',
      `${routine('a := public.g()')} CREATE FUNCTION public.g() RETURNS text LANGUAGE sql AS $$ SELECT 'a'::text $$;`,
    ],
    ['a policy on the way calls more', routine('PERFORM 1 FROM public.docs', { head: 'SECURITY INVOKER' })],
    [
      'rows are deleted with which others go',
      `${routine('DELETE FROM public.docs WHERE docs.owner = a')} CREATE TABLE public.lines (doc int REFERENCES public.docs ON DELETE CASCADE);`,
    ],
    [
      'another language is spoken',
      `${notes()} CREATE FUNCTION public.f(text, text) RETURNS text LANGUAGE internal SET search_path = pg_catalog AS 'textcat';`,
    ],
  ])('is not where %s', async (_, sql, dropped = change) => {
    expect(await argued({ sql, change: dropped })).toBeNull();
  });
});

describe("A function that gets the other's rights", () => {
  const invoker = { head: 'SECURITY INVOKER' };
  const change = 'ALTER FUNCTION public.f(text, text) SECURITY DEFINER';

  test.each([
    ['to definer', routine("IF a = b THEN RAISE EXCEPTION 'no'; END IF; a := lower(b)", invoker), change],
    ['to definer, and sets what is its own', routine("PERFORM set_config('app.me', a, true)", invoker), change],
    ['to invoker', routine('a := lower(b)'), 'ALTER FUNCTION public.f(text, text) SECURITY INVOKER'],
  ])('is equivalent where it uses none: %s', async (_, sql, swapped) => {
    expect(await argued({ sql, change: swapped })).toMatch(
      /^Shown from the parse tree of public\.f\(text,text\): it reads no table/,
    );
  });

  test.each([
    ['a table is read', routine('PERFORM 1 FROM public.docs', invoker)],
    ['it asks who it is', routine('a := current_user', invoker)],
    ['it calls another function', routine('a := public.me()', invoker)],
    ['it sets what is not its own', routine("PERFORM set_config('role', a, true)", invoker)],
    ['a type can be put before another', routine('i := a', { ...invoker, declares: 'DECLARE i text;' })],
    [
      'not everybody may call what it calls',
      `${routine('a := lower(b)', invoker)} REVOKE EXECUTE ON FUNCTION pg_catalog.lower(text) FROM PUBLIC;`,
    ],
  ])('is not where %s', async (_, sql) => {
    expect(await argued({ sql, change })).toBeNull();
  });
});
