/** The population's values fit what a schema asks of them, and say where they stand. */

import { describe, expect, test } from 'vitest';
import { castOf, everybody, rows, type ScratchWorld, worldFor } from './populate-scratch.ts';

/** The only row values that a table of one column set got, as `{ column: value }`. */
async function firstRow(columns: string, before = ''): Promise<Record<string, unknown>> {
  await using scratch = await worldFor('plain', `${before}; CREATE TABLE t (${columns});`);
  expect(scratch.world.unpopulated).toEqual([]);
  return { ...rows(scratch.world, 'public.t')[0]?.values };
}

describe('constraints', () => {
  test.each([
    ['a length between bounds', 'x text NOT NULL CHECK (char_length(x) BETWEEN 5 AND 20)'],
    ['an exact length of digits', "x text NOT NULL CHECK (length(x) = 64 AND x ~ '^[0-9a-f]+$')"],
    ['a pattern', "x text NOT NULL CHECK (x ~ '^[A-Z]{3}-\\d{4}$') UNIQUE"],
    ['a case-insensitive address', "x text NOT NULL CHECK (x ~* '^[a-z0-9._%-]+@[a-z0-9.-]+[.][a-z]+$')"],
    ['an own lower case', "x text NOT NULL UNIQUE CHECK (x = lower(x) AND x !~ '_')"],
    ['a list', "x text NOT NULL CHECK (x IN ('one', 'two'))"],
    ['one letter of two', "x char(1) NOT NULL CHECK (x IN ('M', 'F'))"],
    ['a range of numbers', 'x int NOT NULL CHECK (x >= 1 AND x <= 5)'],
    ['a narrow decimal', 'x numeric(3,2) NOT NULL CHECK (x > 0 AND x < 1)'],
    ['an order of columns', 'x int NOT NULL, y int NOT NULL, CHECK (x < y)'],
    ['an order of times', 'x timestamptz NOT NULL, y timestamptz NOT NULL, CHECK (y > x)'],
    ['exactly one of two', 'x int, y int, CHECK (num_nonnulls(x, y) = 1)'],
    ['a future date', "x date NOT NULL CHECK (x > '2090-01-01')"],
    ['an array of one', 'x int[] NOT NULL CHECK (cardinality(x) = 1)'],
    ['a JSON array', "x jsonb NOT NULL CHECK (jsonb_typeof(x) = 'array')"],
    ['a digest', 'x bytea NOT NULL CHECK (octet_length(x) = 32)'],
    ['ranges that do not overlap', 'x tstzrange NOT NULL, EXCLUDE USING gist (x WITH &&)'],
    ['unequal values', 'x text NOT NULL, y text NOT NULL, CHECK (x <> y)'],
    ['a prefix', "x text NOT NULL CHECK (x LIKE 'sk_%')"],
    [
      'an implication',
      "x text NOT NULL DEFAULT 'new' CHECK (x IN ('new', 'done')), y timestamptz, CHECK (x <> 'done' OR y IS NOT NULL)",
    ],
  ])('%s is met', async (_, columns) => {
    expect(Object.values(await firstRow(columns)).some((value) => value !== null)).toBe(true);
  });

  test('domains over domains, enums and their arrays are met', async () => {
    const row = await firstRow(
      'a address NOT NULL, p share NOT NULL, m mood NOT NULL, ms mood[] NOT NULL',
      `CREATE DOMAIN word AS varchar(30) CHECK (VALUE !~ ' ');
       CREATE DOMAIN address AS word CHECK (VALUE ~ '@');
       CREATE DOMAIN share AS numeric(5,2) CHECK (VALUE BETWEEN 0 AND 1);
       CREATE TYPE mood AS ENUM ('deleted', 'ok')`,
    );
    expect(row['a']).toMatch(/@/);
    expect(row).toMatchObject({ m: 'ok', ms: ['ok'] });
  });

  test('the table whose CHECK nothing meets is reported with it, and the rest is populated', async () => {
    await using scratch = await worldFor(
      'plain',
      'CREATE TABLE never (id int PRIMARY KEY, CONSTRAINT no CHECK (false)); CREATE TABLE fine (id int);',
    );
    expect(scratch.world.unpopulated).toMatchObject([
      { relation: 'public.never', sqlstate: '23514', constraint: 'no' },
    ]);
    expect(castOf(scratch.world, 'public.fine')).toEqual(['shared', 'shared']);
  });
});

test('columns of every common type are filled', async () => {
  const types =
    'smallint,integer,bigint,real,double precision,numeric,money,boolean,text,varchar(10),char(3),name,bytea,uuid,json,jsonb,xml,date,time,timetz,timestamp,timestamptz,interval,inet,cidr,macaddr,macaddr8,bit(3),varbit,point,line,lseg,box,path,polygon,circle,tsvector,tsquery,int4range,int8range,numrange,daterange,tsrange,tstzrange,int4multirange,datemultirange,tstzmultirange,pg_lsn,text[],int[],uuid[],numeric[],timestamptz[],boolean[],jsonb[],inet[],jsonpath'.split(
      /,(?![^(]*\))/,
    );
  const row = await firstRow(types.map((type, place) => `c${place} ${type} NOT NULL`).join(', '));
  expect(Object.values(row).filter((value) => value !== null)).toHaveLength(types.length);
});

describe('what the database fills itself', () => {
  test('identities, sequences, generated columns and plain defaults are left to it', async () => {
    const row = await firstRow(
      "id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n serial, first text NOT NULL, twice text GENERATED ALWAYS AS (first || first) STORED, on_list boolean NOT NULL DEFAULT true, status text NOT NULL DEFAULT 'active'",
    );
    expect(row).toMatchObject({
      id: 1,
      n: 1,
      on_list: true,
      status: 'active',
      twice: `${String(row['first'])}${String(row['first'])}`,
    });
  });

  test('a row is not over: columns such as deleted_at stay empty', async () => {
    expect(await firstRow('id int, deleted_at timestamptz, archived_on date, published_at timestamptz')).toMatchObject({
      deleted_at: null,
      archived_on: null,
      published_at: expect.any(String),
    });
  });
});

const marked = `
  CREATE TABLE notes (id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users, body text, short varchar(8), tiny varchar(4), tags text[], meta jsonb DEFAULT '{}', list jsonb DEFAULT '[]', secret bytea, email text, "Odd Name" text);`;

describe('canaries', () => {
  test('every text-like value with room for one carries its own, which names owner, table and column', async () => {
    await using scratch = await worldFor('supabase', marked);
    const found = rows(scratch.world, 'public.notes');
    expect(found.map((row) => row.canaries.length)).toEqual([9, 9, 9, 9]);
    // `tiny` has no room for one, and that is said.
    expect(scratch.world.notes).toEqual(['public.notes.tiny: holds a legal value without a mark']);
    expect(String(found[0]?.values['body'])).toMatch(/^cnry_a_lead_notes_body_[ghjkmnpqrstvwxyz]{7}$/);
    expect(String(found[0]?.values['short'])).toMatch(/^[ghjkmnpqrstvwxyz]{7}$/);
  });

  test('none occurs twice, nor within another', async () => {
    await using scratch = await worldFor('supabase', marked);
    const all = rows(scratch.world, 'public.notes').flatMap((row) => row.canaries);
    expect(all.filter((one) => all.some((other, place) => all.indexOf(one) !== place && other.includes(one)))).toEqual(
      [],
    );
  });

  test('each stands in the database where the world says', async () => {
    await using scratch: ScratchWorld = await worldFor('supabase', marked);
    for (const row of rows(scratch.world, 'public.notes')) {
      const {
        rows: [held],
      } = await scratch.admin.query('SELECT notes::text AS text FROM public.notes WHERE id = $1', [row.key['id']]);
      const missing = row.canaries.filter((mark) => !String(held?.['text']).includes(mark));
      // The mark of the bytea column is listed as text too, for those who decode before they look.
      expect(missing).toHaveLength(1);
      expect(row.canaries).toContain(Buffer.from(missing[0] ?? '').toString('hex'));
    }
  });
});

describe('one seed', () => {
  const schema = `
    CREATE TABLE log (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), at timestamptz NOT NULL DEFAULT now(), what text);
    CREATE TABLE log_part (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), log uuid REFERENCES log);
    CREATE TABLE docs (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid REFERENCES auth.users, body text, code text DEFAULT md5(random()::text), n int DEFAULT floor(random() * 1000), updated_at timestamptz DEFAULT now());
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE made uuid;
      BEGIN
        INSERT INTO log (what) VALUES (new.body) RETURNING id INTO made;
        INSERT INTO log_part (log) VALUES (made);
        RETURN new;
      END $$;
    CREATE TRIGGER note AFTER INSERT ON docs FOR EACH ROW EXECUTE FUNCTION note();`;

  test('gives the same world, byte for byte, whatever defaults and triggers take from clock and chance', async () => {
    await using one = await worldFor('supabase', schema, 5);
    await using other = await worldFor('supabase', schema, 5);
    expect(castOf(one.world, 'public.docs')).toEqual(everybody);
    expect(JSON.stringify(other.world)).toBe(JSON.stringify(one.world));
  });

  test('gives other marks than another seed', async () => {
    await using one = await worldFor('supabase', schema, 5);
    await using other = await worldFor('supabase', schema, 6);
    const marks = new Set(one.world.rows.flatMap((row) => row.canaries));
    expect(other.world.rows.flatMap((row) => row.canaries).filter((mark) => marks.has(mark))).toEqual([]);
  });
});
