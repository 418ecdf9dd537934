/** What a statement of SQL is in the words of supabase-js, and what has none. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Served } from '../../fixtures/http/served.ts';
import { translate } from '../../fixtures/http/translate.ts';
import { type Lab, openLab } from '../../fixtures/lab/lab.ts';
import { projectOf } from './project-of.ts';

const SCHEMA = `
CREATE TABLE public.docs (id int PRIMARY KEY, owner uuid, body text, tags text[], data jsonb, open boolean, at timestamptz, "odd name" text);
CREATE TABLE public.pairs (a int, b int, c text, PRIMARY KEY (a, b), UNIQUE (c));
CREATE SCHEMA inner_room;
CREATE TABLE inner_room.notes (id int);
CREATE FUNCTION public.tell(p_id uuid, p_data jsonb DEFAULT NULL, p_tags text[] DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS 'SELECT $2';
CREATE FUNCTION public.list(n int) RETURNS TABLE (id int, body text) LANGUAGE sql AS 'SELECT 1, NULL::text';
CREATE FUNCTION public.all_docs() RETURNS SETOF public.docs LANGUAGE sql AS 'SELECT * FROM public.docs';
CREATE FUNCTION public.nameless(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
CREATE PROCEDURE public.act() LANGUAGE sql AS '';`;

let lab: Lab;
let served: Served;

beforeAll(async () => {
  lab = openLab(inject('server'));
  const { catalog } = await lab.template({ project: await projectOf({ '1_docs.sql': SCHEMA }), platform: 'supabase' });
  served = { catalog, schemas: ['public', 'graphql_public'] };
});

afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

const said = (sql: string) => {
  const translation = translate(sql, served);
  return translation.state === 'said' ? translation.request : translation.reason;
};

const docs = { schema: 'public', table: 'docs' };
const rows = { kind: 'select', ...docs, columns: '*', filters: [], order: [], limit: null, offset: 0 };
const is = (column: string, operator: string, value: string) => ({ column, operator, value });

describe('calls', () => {
  const tell = { kind: 'rpc', schema: 'public', name: 'tell', columns: null };
  test.each([
    ["SELECT public.tell(p_id => 'x') AS reply", { ...tell, args: { p_id: 'x' } }],
    ["SELECT to_jsonb(reply) AS reply FROM tell('x', NULL) AS reply", { ...tell, args: { p_id: 'x', p_data: null } }],
    [`SELECT tell('x', '{"a": [1, "b"]}')`, { ...tell, args: { p_id: 'x', p_data: { a: [1, 'b'] } } }],
    [
      `SELECT tell(p_id => 'x', p_tags => ARRAY['a', NULL]::text[])`,
      { ...tell, args: { p_id: 'x', p_tags: ['a', null] } },
    ],
    ['SELECT * FROM "public"."list"("n" => -3)', { ...tell, name: 'list', args: { n: -3 } }],
    ['SELECT body FROM list(1)', { ...tell, name: 'list', args: { n: 1 }, columns: 'body' }],
    ['SELECT * FROM all_docs()', { ...tell, name: 'all_docs', args: {} }],
    ['SELECT public.not_there(a => true)', { ...tell, name: 'not_there', args: { a: true } }],
  ])('%s', (sql, request) => {
    expect(said(sql)).toEqual(request);
  });

  test.each([
    ['SELECT inner_room.f()', 'the schema inner_room, which the API does not serve'],
    ["SELECT pg_read_file('x')", 'pg_read_file, a function of PostgreSQL itself'],
    ["SELECT tell('x', 'no json')", 'a text that is no JSON'],
    ["SELECT tell('x', '{\"a\": 1.0}')", 'a number that JavaScript cannot hold'],
    ["SELECT tell('x', 'null')", 'the null of JSON as a value'],
    ['SELECT tell(auth.uid())', 'an expression as an argument'],
    ['SELECT nameless(1)', 'an argument without a name'],
    ['SELECT list(1)', 'a record as one column'],
    ['SELECT * FROM list(1) WHERE id = 1', 'a condition on the rows of a function'],
    ["SELECT tell('x'), tell('y')", 'several columns of calls'],
    ['CALL public.act()', 'CALL'],
  ])('%s has no words: %s', (sql, reason) => {
    expect(said(sql)).toBe(reason);
  });
});

describe('reading', () => {
  test.each([
    ['SELECT * FROM public.docs', rows],
    [
      'SELECT body FROM docs AS d WHERE d.id = 5 AND owner IS NULL',
      { ...rows, columns: 'body', filters: [is('id', 'eq', '5'), is('owner', 'is', 'null')] },
    ],
    ['SELECT 1 FROM docs WHERE id = 5', { ...rows, columns: 'id', filters: [is('id', 'eq', '5')] }],
    ['SELECT "odd name" AS n, at::text FROM docs', { ...rows, columns: 'n:"odd name",at::text' }],
    [
      "SELECT * FROM docs WHERE body IN ('a,b', 'c\"') AND NOT open",
      { ...rows, filters: [is('body', 'in', '("a,b","c\\"")'), is('open', 'not.is', 'true')] },
    ],
    [
      "SELECT * FROM docs WHERE id > 1 AND (body = 'a' OR open IS TRUE AND id <> 2)",
      { ...rows, filters: [is('id', 'gt', '1'), { or: 'body.eq."a",and(open.is.true,id.neq."2")' }] },
    ],
    [
      "SELECT * FROM docs WHERE tags @> ARRAY['x y'] AND id BETWEEN 1 AND 2 AND true",
      { ...rows, filters: [is('tags', 'cs', '{"x y"}'), is('id', 'gte', '1'), is('id', 'lte', '2')] },
    ],
    [
      'SELECT * FROM docs ORDER BY at DESC, 1 LIMIT 5 OFFSET 2',
      {
        ...rows,
        order: [
          { column: 'at', ascending: false, nullsFirst: true },
          { column: 'id', ascending: true, nullsFirst: false },
        ],
        limit: 5,
        offset: 2,
      },
    ],
    ['SELECT count(*) FROM docs', { kind: 'count', ...docs, filters: [] }],
    ['SELECT to_jsonb(d) FROM docs AS d', rows],
  ])('%s', (sql, request) => {
    expect(said(sql)).toEqual(request);
  });

  test.each([
    ['SELECT * FROM auth.users', 'the schema auth, which the API does not serve'],
    ['SELECT * FROM docs, pairs', 'a join, or a query in FROM'],
    ['SELECT max(id) FROM docs', 'an expression in the list of columns'],
    ['SELECT DISTINCT body FROM docs', 'DISTINCT'],
    ['SELECT * FROM docs FOR UPDATE', 'a lock on rows'],
    ['SELECT id FROM docs UNION SELECT a FROM pairs', 'UNION and the like'],
    ['SELECT * FROM docs WHERE id = (SELECT 1)', 'an expression in WHERE'],
    ['SELECT * FROM docs WHERE owner = auth.uid()', 'an expression in WHERE'],
    ['SELECT * FROM docs WHERE owner = NULL', 'a comparison with NULL'],
    ["SELECT * FROM docs WHERE body LIKE '*'", 'a pattern that holds a *'],
    ['SELECT 1', 'a query without a table'],
    ['TRUNCATE docs', 'TRUNCATE'],
    ['LOCK docs', 'LOCK'],
    ['no sql', 'a text that is no SQL'],
    ['SELECT 1; SELECT 2', 'a text that is not one statement'],
  ])('%s has no words: %s', (sql, reason) => {
    expect(said(sql)).toBe(reason);
  });
});

describe('writing', () => {
  const silent = { ...docs, returning: null };
  test.each([
    [
      `INSERT INTO docs (id, data, at) VALUES (1, '{"a": 1}', now()), (2, NULL, '2025-01-01')`,
      {
        kind: 'insert',
        ...silent,
        rows: [
          { id: 1, data: { a: 1 }, at: 'now' },
          { id: 2, data: null, at: '2025-01-01' },
        ],
      },
    ],
    ['INSERT INTO docs DEFAULT VALUES', { kind: 'insert', ...silent, rows: [{}] }],
    [
      'INSERT INTO docs (id, body) VALUES (1, DEFAULT) RETURNING id, body',
      { kind: 'insert', ...silent, rows: [{ id: 1 }], returning: 'id,body' },
    ],
    [
      "UPDATE docs SET body = NULL, open = false WHERE owner = 'x'::uuid RETURNING *",
      {
        kind: 'update',
        ...silent,
        set: { body: null, open: false },
        filters: [is('owner', 'eq', 'x')],
        returning: '*',
      },
    ],
    ['DELETE FROM docs WHERE true', { kind: 'delete', ...silent, filters: [] }],
    ['DELETE FROM docs RETURNING 1', { kind: 'delete', ...silent, filters: [] }],
    [
      "INSERT INTO docs (id, body) VALUES (1, 'a') ON CONFLICT DO NOTHING",
      { kind: 'upsert', ...silent, rows: [{ id: 1, body: 'a' }], onConflict: 'id', ignoreDuplicates: true },
    ],
    [
      "INSERT INTO docs (id, body) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET body = excluded.body, id = excluded.id",
      { kind: 'upsert', ...silent, rows: [{ id: 1, body: 'a' }], onConflict: 'id', ignoreDuplicates: false },
    ],
  ])('%s', (sql, request) => {
    expect(said(sql)).toEqual(request);
  });

  test.each([
    ['INSERT INTO docs (id) SELECT 1', 'INSERT of a query'],
    ['INSERT INTO docs (id) OVERRIDING SYSTEM VALUE VALUES (1)', 'OVERRIDING SYSTEM VALUE'],
    ['INSERT INTO docs (id) VALUES (1), (DEFAULT)', 'DEFAULT in some of several rows'],
    ['INSERT INTO docs (id) VALUES (1 + 1)', 'an expression in VALUES'],
    ['INSERT INTO docs (id, body) VALUES (1, now())', 'a time as a value of another type'],
    ['INSERT INTO pairs (a, b) VALUES (1, 2) ON CONFLICT DO NOTHING', 'ON CONFLICT of any of several keys'],
    [
      'INSERT INTO docs (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET body = 1',
      'ON CONFLICT … SET other than what was to be inserted',
    ],
    ['UPDATE docs SET id = id + 1', 'an expression in SET'],
    ['UPDATE docs SET id = 1 FROM pairs', 'UPDATE … FROM'],
    ['DELETE FROM docs USING pairs', 'DELETE … USING'],
    ['DELETE FROM ONLY docs', 'ONLY'],
    ['WITH x AS (SELECT 1) DELETE FROM docs', 'WITH'],
  ])('%s has no words: %s', (sql, reason) => {
    expect(said(sql)).toBe(reason);
  });
});

describe('that there are no words', () => {
  test.each([
    ['TRUNCATE docs', true],
    ['SELECT * FROM auth.users', true],
    ["SELECT pg_read_file('x')", true],
    ['SELECT * FROM docs FOR UPDATE', true],
    ['SELECT max(id) FROM docs', false],
    ['UPDATE docs SET id = id + 1', false],
  ])('for %s is final: %s', (sql, final) => {
    expect(translate(sql, served)).toMatchObject({ state: 'no words', final });
  });
});
