/** The difference of two catalogs sees what a mutant changes in a body, and no layout. */

import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type ScratchDatabase, scratchDatabase } from './migrate-scratch.ts';
import { changedBy, groundWithin } from './mutate-operators.ts';

const plpgsql = (body: string, head = 'p int') => `CREATE OR REPLACE FUNCTION public.f(${head}) RETURNS int
  LANGUAGE plpgsql AS $$ DECLARE v int; BEGIN ${body} RETURN v; END $$`;
const sql = (body: string) => `CREATE OR REPLACE FUNCTION public.g() RETURNS bigint LANGUAGE sql AS $$ ${body} $$`;

const project = `CREATE TABLE public.docs (id int PRIMARY KEY, body text);
  ${plpgsql("v := p + 1; SELECT id INTO v FROM public.docs WHERE id = p FOR UPDATE; IF v <> p THEN RAISE 'no'; END IF;")};
  ${sql('SELECT count(*) FROM public.docs WHERE id > 1')}`;

let database: ScratchDatabase;
beforeAll(async () => {
  database = await scratchDatabase(inject('server'), 'plain');
  await database.admin.script(`BEGIN; ${project}`);
});
afterAll(() => database[Symbol.asyncDispose]());

const changed = async (statement: string): Promise<readonly string[]> => {
  const reading = { platform: 'plain' } as const;
  return await changedBy(database.admin, [statement], reading, await groundWithin(database.admin, reading));
};

test.each([
  plpgsql(`v  :=  p+1; /* as it was */
    SELECT id INTO v FROM public.docs
      WHERE (id = p) FOR UPDATE;
    IF v <> p -- as it was
    THEN RAISE 'no'; END IF;`),
  sql('SELECT count( * )\nFROM public.docs -- all\nWHERE (id > 1)'),
])('white space, comments and needless brackets are no difference', async (statement) => {
  expect(await changed(statement)).toEqual([]);
});

const kept = "IF v <> p THEN RAISE 'no'; END IF;";
const locked = 'SELECT id INTO v FROM public.docs WHERE id = p FOR UPDATE;';
test.each([
  [
    'a lock left out',
    plpgsql(`v := p + 1; SELECT id INTO v FROM public.docs WHERE id = p; ${kept}`),
    [
      '- SELECT id INTO v FROM public.docs WHERE id = p FOR UPDATE;',
      '+ SELECT id INTO v FROM public.docs WHERE id = p;',
    ],
  ],
  [
    'a condition',
    plpgsql(`v := p + 1; ${locked} IF v = p THEN RAISE 'no'; END IF;`),
    ['- IF v <> p THEN', '+ IF v = p THEN'],
  ],
  ['an assignment', plpgsql(`v := p + 2; ${locked} ${kept}`), ['- v := p + 1;', '+ v := p + 2;']],
] as const)('%s is one', async (_, statement, lines) => {
  expect(await changed(statement)).toEqual(lines.map((line) => `routines/public.f(integer)/body ${line}`));
});

test('so are a statement of SQL, and a default that only the head says', async () => {
  expect(await changed(sql('SELECT count(*) FROM public.docs WHERE id > 2'))).toEqual([
    'routines/public.g()/body - id > 1',
    'routines/public.g()/body + id > 2',
  ]);
  const head = await changed(plpgsql(`v := p + 1; ${locked} ${kept}`, 'p int DEFAULT 7'));
  expect(head.join('\n')).toContain('head → CREATE OR REPLACE FUNCTION public.f(p integer DEFAULT 7)');
});
