/** The same probe over the wire and through the front door: the same observation, but for what HTTP does not tell. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { act } from '../../fixtures/act/act.ts';
import { anon, noSub, service, signedIn } from '../../fixtures/act/personas.ts';
import { type FrontDoor, openDoor } from '../../fixtures/door/door.ts';
import { asker } from '../../fixtures/http/ask.ts';
import { throughDoor } from '../../fixtures/http/through.ts';
import { type Database, type Lab, openLab } from '../../fixtures/lab/lab.ts';
import type { Observation, Probe } from '../../fixtures/model/probe.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import { projectOf } from './project-of.ts';

const A = '11111111-1111-4111-8111-111111111111';
const B = '22222222-2222-4222-8222-222222222222';

const SCHEMA = `
CREATE TYPE public.mood AS ENUM ('glad', 'sad');
CREATE TABLE public.docs (
  id int PRIMARY KEY, owner uuid DEFAULT auth.uid(), body text CHECK (body <> 'bad'), tags text[], data jsonb, open boolean,
  day date, at timestamptz, mood public.mood, big bigint, share numeric);
ALTER TABLE public.docs ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.docs TO authenticated USING (owner = auth.uid()) WITH CHECK (owner = auth.uid());
INSERT INTO public.docs VALUES
  (1, '${A}', 'one, "two"', '{a,"b c",NULL,"d\\"e",""}', '{"n": 1, "list": [true, null], "deep": {"x": "y"}}', true, '2025-01-02', '2025-01-02 03:04:05.06+00', 'glad', 4294967296, 0.5),
  (2, '${A}', '', '{}', '[]', false, NULL, NULL, NULL, -1, 12.25),
  (3, '${B}', 'of B', NULL, NULL, NULL, NULL, NULL, 'sad', 0, 0);
CREATE TABLE public.secrets (id int PRIMARY KEY);
REVOKE ALL ON public.secrets FROM anon, authenticated;
CREATE FUNCTION public.whoami() RETURNS TABLE (role text, uid uuid, claims jsonb) STABLE LANGUAGE sql AS
  $$ SELECT current_user::text, auth.uid(), current_setting('request.jwt.claims')::jsonb $$;
CREATE FUNCTION public.echo(a jsonb, b text[] DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('a', a, 'b', b) $$;
CREATE FUNCTION public.numbers(n int) RETURNS SETOF int LANGUAGE sql AS $$ SELECT generate_series(1, n) $$;
CREATE FUNCTION public.mine() RETURNS SETOF public.docs LANGUAGE sql AS $$ SELECT * FROM public.docs ORDER BY id $$;
CREATE FUNCTION public.nothing() RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION public.today() RETURNS timestamptz LANGUAGE sql AS $$ SELECT '2025-01-02 03:04:05+00'::timestamptz $$;
CREATE FUNCTION public.fails(code text) RETURNS int LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'it fails' USING ERRCODE = code, DETAIL = 'why', HINT = 'so'; END $$;`;

let lab: Lab;
let database: Database;
let login: Session;
let door: FrontDoor;

beforeAll(async () => {
  lab = openLab(inject('server'));
  database = await lab.clone({ project: await projectOf({ '1_docs.sql': SCHEMA }), platform: 'supabase' });
  login = await database.connect();
  door = await openDoor({ access: inject('server'), database: database.name });
});

afterAll(async () => {
  await door[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
});

const served = () => ({ catalog: database.catalog, schemas: ['public'] });

async function overHttp(probe: Probe): Promise<Observation> {
  const asked = await asker(door, served())(probe);
  if (asked.state === 'no words') throw new Error(asked.reason);
  return asked.observation;
}

const told = ({ columns, rows, count, command, error }: Observation) => ({
  columns,
  rows,
  count,
  command,
  error: error && { sqlstate: error.sqlstate, message: error.message, detail: error.detail, hint: error.hint },
});

const statements = [
  'SELECT * FROM public.docs ORDER BY id',
  'SELECT id, tags, data FROM public.docs WHERE open IS NOT NULL ORDER BY id DESC LIMIT 1',
  'SELECT body AS text, at::text, mood FROM public.docs WHERE body = \'one, "two"\' OR id IN (7, 8) AND NOT open',
  "SELECT 1 FROM public.docs WHERE tags @> ARRAY['b c'] AND day BETWEEN '2025-01-01' AND '2025-02-01'",
  'SELECT id FROM public.docs WHERE mood IS NULL OFFSET 0',
  "SELECT id FROM public.docs WHERE body LIKE 'o%' OR owner IS DISTINCT FROM '11111111-1111-4111-8111-111111111111'",
  'SELECT count(*) FROM public.docs',
  'SELECT count(*) AS n FROM public.docs WHERE big > 0',
  'SELECT to_jsonb(d) AS row FROM public.docs AS d ORDER BY id',
  'SELECT * FROM public.secrets',
  'SELECT * FROM public.docs WHERE id = 99',
  "SELECT * FROM public.docs WHERE owner = 'no uuid'",
  `SELECT public.echo(a => '{"a": [1, "b", null], "z": {}}', b => ARRAY['x', NULL]) AS reply`,
  "SELECT to_jsonb(reply) AS reply FROM public.echo('\"text\"', '{a,b}') AS reply",
  "SELECT * FROM public.echo('[]')",
  'SELECT * FROM public.numbers(3)',
  'SELECT public.numbers(0)',
  'SELECT to_jsonb(n) FROM public.numbers(2) AS n',
  'SELECT * FROM public.mine()',
  'SELECT id, data FROM public.mine()',
  'SELECT public.nothing()',
  'SELECT public.today()',
  "SELECT public.fails('P0001')",
  "SELECT public.fails('23514')",
  "SELECT public.fails('42501')",
  `INSERT INTO public.docs (id, body, tags, data, day) VALUES (10, 'new', ARRAY['q', 'r s'], '{"k": 1}', '2025-03-04')`,
  "INSERT INTO public.docs (id, body) VALUES (10, 'new'), (11, 'newer') RETURNING id, body, owner",
  "INSERT INTO public.docs (id, body) VALUES (10, 'bad')",
  'INSERT INTO public.docs (id) VALUES (1)',
  `INSERT INTO public.docs (id, owner) VALUES (10, '${B}')`,
  "INSERT INTO public.docs (id, mood) VALUES (10, 'angry')",
  "INSERT INTO public.docs (id, body) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET id = excluded.id, body = excluded.body",
  "INSERT INTO public.docs (id, body) VALUES (2, 'x') ON CONFLICT (id) DO NOTHING",
  "UPDATE public.docs SET body = 'changed', open = NULL, tags = '{z}' WHERE id = 2 RETURNING *",
  'UPDATE public.docs SET big = 5',
  'UPDATE public.docs SET big = 5 RETURNING 1',
  `UPDATE public.docs SET owner = '${B}' WHERE id = 1`,
  'DELETE FROM public.docs WHERE id = 3',
  'DELETE FROM public.docs WHERE id >= 1 RETURNING id',
];

describe('a statement', () => {
  const personas = [signedIn(A), anon(), service()];
  test.each(statements)('%s', async (sql) => {
    for (const persona of personas) {
      const wire = await act(login, { persona, sql });
      const http = await overHttp({ persona, sql });
      expect(told(http), persona.name).toEqual(told(wire));
      await restore();
    }
  });

  test('is said by the same role with the same claims', async () => {
    for (const persona of [signedIn(A), noSub(), service(), anon()]) {
      const probe = { persona, sql: 'SELECT * FROM public.whoami()' };
      expect((await overHttp(probe)).rows).toEqual((await act(login, probe)).rows);
    }
  });

  test('that names what there is not is refused with the SQLSTATE of the wire', async () => {
    for (const sql of ['SELECT * FROM public.none', 'SELECT public.none(a => 1)', 'UPDATE public.docs SET none = 1']) {
      const probe = { persona: signedIn(A), sql };
      expect((await overHttp(probe)).error?.sqlstate, sql).toBe((await act(login, probe)).error?.sqlstate);
    }
  });

  test('about a table that was made a moment ago is answered, since the door reads the schema again', async () => {
    await database.owner.script('CREATE TABLE public.late (id int); GRANT ALL ON public.late TO authenticated');
    const probe = { persona: signedIn(A), sql: 'INSERT INTO public.late (id) VALUES (1)' };
    expect(await overHttp(probe)).toMatchObject({ count: 1, error: null });
  });
});

describe('a caller at the door', () => {
  test('says over the wire what HTTP has no words for, and whatever its connection was prepared for', async () => {
    const heard: string[] = [];
    const ways = { http: (kind: string) => void heard.push(kind), wire: (reason: string) => void heard.push(reason) };
    const open = () => openDoor({ access: inject('server'), database: database.name });
    const session = await database.connect();
    await using caller = throughDoor(session, open, served(), ways);
    const say = async (sql: string) => (await caller.otherwise?.({ persona: signedIn(A), sql }))?.rows ?? null;
    expect(await say('SELECT id FROM public.docs WHERE id = 1')).toEqual([['1']]);
    expect(await say('TRUNCATE public.docs')).toBeNull();
    await caller.script("SET lock_timeout = '1s'");
    expect(await say('SELECT id FROM public.docs')).toBeNull();
    await caller.script('RESET lock_timeout');
    expect(await say('SELECT id FROM public.docs WHERE id = 2')).toEqual([['2']]);
    expect(heard).toEqual([door.kind, 'TRUNCATE', 'a connection that was prepared', door.kind]);
  });
});

/** Over HTTP what a statement did stays: the rows are put back. */
async function restore(): Promise<void> {
  const insert = /INSERT INTO public\.docs VALUES[^;]*;/.exec(SCHEMA)?.[0] ?? '';
  await database.owner.script(`DELETE FROM public.docs; ${insert}`);
}
