/** Conditions in routines' bodies that answer the same are shown to, and others are not. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type ScratchDatabase, scratchDatabase } from './migrate-scratch.ts';
import { type Case, notes, shown } from './mutate-equivalent.ts';

let database: ScratchDatabase;
beforeAll(async () => {
  database = await scratchDatabase(inject('server'), 'plain');
});
afterAll(() => database[Symbol.asyncDispose]());

const argued = (one: Case) => shown(database.admin, inject('server').login.user, one);

const plpgsql = (body: string, declares = '') =>
  `CREATE OR REPLACE FUNCTION public.f(a text, b int) RETURNS text LANGUAGE plpgsql AS $f$ ${declares} BEGIN ${body}; RETURN NULL; END $f$;`;
const sql = (body: string) =>
  `CREATE OR REPLACE FUNCTION public.f(a text, b int) RETURNS bigint LANGUAGE sql AS $f$ ${body} $f$;`;
const found = (where: string) => plpgsql(`PERFORM 1 FROM public.docs AS d WHERE ${where} FOR SHARE`);
const trigger = (where: string) => `
  CREATE OR REPLACE FUNCTION public.look() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
    IF NOT EXISTS (SELECT FROM public.docs AS d WHERE ${where}) THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $f$;`;
const hung =
  'CREATE TABLE public.lines (doc int); CREATE TRIGGER look BEFORE INSERT ON public.lines FOR EACH ROW EXECUTE FUNCTION public.look();';

const table = (owner?: string) => notes(owner);

describe('A condition in a body', () => {
  test.each([
    ['of a key', found('d.id = b'), found('d.id IS NOT DISTINCT FROM b')],
    [
      'of a column without its table',
      plpgsql('DELETE FROM public.docs WHERE owner = a'),
      plpgsql('DELETE FROM public.docs WHERE owner IS NOT DISTINCT FROM a'),
    ],
    [
      'of an UPDATE',
      plpgsql("UPDATE public.docs SET state = 'draft' WHERE docs.id = b"),
      plpgsql("UPDATE public.docs SET state = 'draft' WHERE docs.id IS NOT DISTINCT FROM b"),
    ],
    [
      'of plain SQL',
      sql('SELECT count(*) FROM public.docs WHERE docs.owner = a'),
      sql('SELECT count(*) FROM public.docs WHERE docs.owner IS NOT DISTINCT FROM a'),
    ],
    [
      'of a declared variable',
      plpgsql('PERFORM 1 FROM public.docs AS d WHERE d.id = v', 'DECLARE v int;'),
      plpgsql('PERFORM 1 FROM public.docs AS d WHERE d.id IS NOT DISTINCT FROM v', 'DECLARE v int;'),
    ],
    [
      'of variables alone',
      plpgsql('IF a IS NULL OR NOT (b = 1) THEN RETURN a; END IF'),
      plpgsql('IF a IS NULL OR b <> 1 THEN RETURN a; END IF'),
    ],
    [
      'of an arm of a CASE, the argument said in full',
      plpgsql("a := CASE WHEN b = 1 THEN 'one' WHEN a IS NULL OR a IS DISTINCT FROM public.me() THEN 'no' END"),
      plpgsql(
        "a := CASE WHEN b = 1 THEN 'one' WHEN public.me() IS NULL OR f.a IS DISTINCT FROM public.me() THEN 'no' END",
      ),
    ],
    [
      'beside a list further on',
      plpgsql(
        'IF a IS NULL OR NOT (b = 1) THEN RETURN a; END IF; PERFORM 1 FROM public.docs AS d WHERE d.id IN (b, 2)',
      ),
      plpgsql('IF a IS NULL OR b <> 1 THEN RETURN a; END IF; PERFORM 1 FROM public.docs AS d WHERE d.id IN (b, 2)'),
    ],
    [
      'of a state that cannot be',
      found("d.state IN ('draft', 'published') AND d.id = b"),
      found('d.state = d.state AND d.id = b'),
    ],
  ])('is equivalent: %s', async (_, was, change) => {
    expect(await argued({ sql: `${table()} ${was}`, change })).toMatch(/^Shown by exhausting \d+ cases: in public\.f/);
  });

  test('is equivalent: of the row that a trigger sees', async () => {
    const one = {
      sql: `${table()} ${trigger('d.id = NEW.doc')} ${hung}`,
      change: trigger('d.id IS NOT DISTINCT FROM NEW.doc'),
    };
    expect(await argued(one)).toMatch(/^Shown by exhausting/);
  });

  test.each([
    [
      'of a column that may be NULL',
      table('owner text'),
      found('d.owner = a'),
      found('d.owner IS NOT DISTINCT FROM a'),
    ],
    [
      'that answers NULL instead of true',
      table(),
      plpgsql('IF a IS DISTINCT FROM public.me() THEN RETURN a; END IF'),
      plpgsql('IF a <> public.me() THEN RETURN a; END IF'),
    ],
    [
      'of an arm of a CASE that answers NULL for another',
      table(),
      plpgsql("a := CASE WHEN a IS DISTINCT FROM public.me() THEN 'no' END"),
      plpgsql("a := CASE WHEN a <> public.me() THEN 'no' END"),
    ],
    [
      'of what an arm of a CASE says',
      table(),
      plpgsql("a := CASE WHEN NOT (b = 1) THEN 'no' END"),
      plpgsql("a := CASE WHEN b <> 1 THEN 'yes' END"),
    ],
    ['that is left out', table(), found('d.id = b AND d.owner = a'), found('d.id = b')],
    [
      'that names another column',
      table(),
      found('d.id = b AND d.owner = d.owner'),
      found('d.id = b AND d.state = d.state'),
    ],
    [
      'and another one besides',
      table(),
      plpgsql('IF a IS NULL THEN RETURN a; END IF; b := 1'),
      plpgsql('IF NOT (a IS NOT NULL) THEN RETURN a; END IF; b := 2'),
    ],
    [
      'of another statement',
      table(),
      plpgsql('DELETE FROM public.docs WHERE owner = a'),
      plpgsql("UPDATE public.docs SET state = 'draft' WHERE owner = a"),
    ],
    [
      'that changes what is set',
      table(),
      plpgsql("UPDATE public.docs SET state = 'draft' WHERE docs.id = b"),
      plpgsql("UPDATE public.docs SET state = 'published' WHERE docs.id = b"),
    ],
    ['of a lock', table(), found('d.id = b'), found('d.id = b').replace('FOR SHARE', '')],
    [
      'of a name that is found along the path',
      table(),
      plpgsql('DELETE FROM docs WHERE owner = a'),
      plpgsql('DELETE FROM docs WHERE owner IS NOT DISTINCT FROM a'),
    ],
    ['that goes to another variable', table(), plpgsql('a := a IS NULL'), plpgsql('b := (a IS NULL)::int')],
  ])('is not: %s', async (_, project, was, change) => {
    expect(await argued({ sql: `${project} ${was}`, change })).toBeNull();
  });
});
