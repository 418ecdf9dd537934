/** Bodies of routines, read as trees and said again whole: what comes back is the same, or the reason says why not. */

import { expect, test } from 'vitest';
import type { Routine } from '../../fixtures/model/catalog.ts';
import type { RoutineName } from '../../fixtures/model/ids.ts';
import { readBody, Unsayable } from '../../fixtures/mutate/bodies.ts';
import { variants } from '../../fixtures/mutate/variants.ts';
import type { Tree } from '../../fixtures/sql/parse.ts';
import { bodyOf } from './mutate-bodies.ts';

const TYPES = { enums: [{ schema: 'public', name: 'mood', labels: ['sad', 'glad'] }] };

/** Head and body of functions that say something in a way of its own. */
const SAID: readonly (readonly [string, string, string])[] = [
  [
    'labels, loops and a block of its own',
    'p int) RETURNS int',
    `
    <<blk>> DECLARE x int := 0; BEGIN
      <<lp>> FOR i IN REVERSE 10..1 BY 2 LOOP
        CONTINUE lp WHEN i = 4; EXIT lp WHEN i < p;
        DECLARE x int := 7; BEGIN blk.x := blk.x + x; END;
      END LOOP lp;
      WHILE x < 3 LOOP x := x + 1; END LOOP; LOOP EXIT; END LOOP;
      RETURN x; END blk`,
  ],
  [
    'all of it on one line',
    'p int) RETURNS int',
    'DECLARE a int; BEGIN FOR b IN 1..3 LOOP a := b; END LOOP; IF p > 1 THEN RETURN a; ELSEIF p = 0 THEN NULL; ELSE RETURN 0; END IF; END',
  ],
  [
    'comments inside expressions',
    'p int) RETURNS int',
    `BEGIN
      IF p > 1 -- large
        AND p < 9 -- but not too
      THEN RETURN p /* in line */ + 1; END IF; -- done
      SELECT 1 -- one
        INTO p; -- here
      RETURN 0; END -- of it`,
  ],
  [
    'a directive and an alias',
    'uuid) RETURNS uuid',
    `
    #variable_conflict use_column
    DECLARE who ALIAS FOR $1; BEGIN RETURN coalesce(who, who); END`,
  ],
  [
    'every kind of INTO',
    'OUT a text, OUT b int',
    `DECLARE r record; d public.docs; arr int[] := '{1}'; BEGIN
      SELECT INTO STRICT a, b title, 1 FROM public.docs; SELECT * INTO d FROM public.docs FOR UPDATE;
      INSERT INTO public.log (what) VALUES ('two
        lines -- no comment') RETURNING id INTO b;
      WITH w AS (DELETE FROM public.log RETURNING id) SELECT count(*) INTO b FROM w;
      EXECUTE format('SELECT %L, $1', a) INTO STRICT a, b USING 5;
      d.title := 'x'; arr[b + 1] := arr[1]::int; b := max(id) FROM public.docs;
      FOR r IN EXECUTE 'SELECT $1' USING true LOOP NULL; END LOOP;
      FOR a, b IN SELECT title, 2 FROM public.docs LOOP NULL; END LOOP;
      FOREACH b IN ARRAY arr LOOP NULL; END LOOP; END`,
  ],
  [
    'exceptions and their handlers',
    'p int) RETURNS void',
    `DECLARE s text; BEGIN
      RAISE 'simple %', p USING ERRCODE = '42501', HINT = 'x' || p, DETAIL = $q$it's$q$;
      RAISE unique_violation USING MESSAGE = 'twice'; RAISE SQLSTATE '22012'; RAISE NOTICE 'a % b %%', p; ASSERT p > 0, 'positive';
    EXCEPTION WHEN unique_violation OR SQLSTATE '22012' THEN GET STACKED DIAGNOSTICS s = MESSAGE_TEXT; RAISE;
      WHEN OTHERS THEN RAISE NOTICE '%', SQLERRM; END`,
  ],
  [
    'CASE of a value and of conditions',
    'p int) RETURNS text',
    `BEGIN
      CASE p WHEN 1 THEN RETURN 'a'; WHEN 2, 3 THEN RETURN 'b'; ELSE RAISE 'no'; END CASE;
      CASE WHEN p = 6 THEN RETURN 'd'; ELSE RETURN CASE WHEN p = 7 THEN 'x' ELSE 'y' END; END CASE; END`,
  ],
  [
    'cursors',
    ') RETURNS SETOF int',
    `DECLARE c CURSOR (k int) FOR SELECT id FROM public.docs WHERE id = k; e refcursor; v int; BEGIN
      OPEN c(3); FETCH FROM c INTO v; CLOSE c; OPEN e SCROLL FOR SELECT 1; FETCH RELATIVE -2 FROM e INTO v; CLOSE e;
      OPEN e FOR EXECUTE 'SELECT $1' USING 3; MOVE FROM e; FOR w IN c(1) LOOP RETURN NEXT w.id; END LOOP; RETURN; END`,
  ],
  [
    'rows of a table function',
    'p uuid) RETURNS TABLE (id bigint, title text)',
    `BEGIN
      id := 1; RETURN NEXT; RETURN QUERY SELECT d.id, d.title FROM public.docs d WHERE d.owner = p;
      RETURN QUERY EXECUTE 'SELECT 1, $1' USING p; IF NOT FOUND THEN RETURN; END IF; END`,
  ],
  [
    'rows of a trigger',
    ') RETURNS trigger',
    `BEGIN
      IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; NEW.title := upper(NEW.title);
      IF NEW.owner IS DISTINCT FROM OLD.owner THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END`,
  ],
  ['texts in dollars', ') RETURNS text', `BEGIN EXECUTE $q$ SELECT 'a' $q$; RETURN $q$it's$q$; END`],
];

/** What the trees or their printer lose: it is told, and not said in another way. */
const UNSAID: readonly (readonly [string, string, string])[] = [
  [
    'a CASE whose ELSE does nothing',
    'BEGIN CASE 1 WHEN 1 THEN RETURN; ELSE NULL; END CASE; END',
    'the printer would say its body in other words',
  ],
  ['what is no PL/pgSQL', 'BEGIN IF THEN END IF; END', 'its body does not parse: missing expression at or near "THEN"'],
];

test.each(SAID)('a body with %s is said again as the same tree', (_, head, body) => {
  const [routine, definition] = functionOf('plpgsql', head, body);
  const read = readBody(routine, definition, TYPES);
  if (read instanceof Unsayable) throw read;
  // No node is the one that was read, so that everything is said anew and nothing is taken over as text.
  const { sql } = read.say(structuredClone(read.tree));
  const again = /\$\$(.*)\$\$/s.exec(sql)?.[1] ?? '';
  expect(bodyOf({ ...routine, body: again }, sql).body.tree).toBe(bodyOf(routine, definition).body.tree);
});

test.each(UNSAID)('a body with %s is not said in another way', (_, body, reason) => {
  expect(readBody(...functionOf('plpgsql', ') RETURNS void', body), TYPES)).toMatchObject({ message: reason });
});

/** Bodies of which the printer says one statement in other words: that one stays as it is, and the others can change. */
const OTHER_WORDS: readonly (readonly [string, string, string])[] = [
  ['a name that needs its quotes', '"My Name" int := 1;', ''],
  ['the first value of a row', 'd CONSTANT public.docs := public.doc(1);', ''],
  ['a default of a variable of a domain', 'x public.posint = 3;', ''],
  ['IN as a condition of CASE', '', 'CASE WHEN 1 IN (1) THEN RETURN; END CASE;'],
];

test.each(OTHER_WORDS)('%s is kept where another statement changes', (_, declared, said) => {
  const body = `DECLARE ${declared} n int; BEGIN n := 1; ${said} IF n > 2 THEN RETURN; END IF; END`;
  const read = readBody(...functionOf('plpgsql', ') RETURNS void', body), TYPES);
  if (read instanceof Unsayable) throw read;
  const [less] = variants(read.tree, (node) => turned(node));
  const { lines } = read.say(less ?? {});
  expect(lines.join(' ').replace(/\s+/g, ' ')).toBe(body.replace('n > 2', 'n < 2').replace(/\s+/g, ' '));
});

test('a statement that changes is said in no other words', () => {
  const body = 'BEGIN CASE WHEN 1 IN (1) THEN IF 3 > 2 THEN RETURN; END IF; END CASE; END';
  const read = readBody(...functionOf('plpgsql', ') RETURNS void', body), TYPES);
  if (read instanceof Unsayable) throw read;
  const [less] = variants(read.tree, (node) => turned(node));
  expect(() => read.say(less ?? {})).toThrow('the printer would say its body in other words');
});

/** `>` as `<`. */
function* turned(node: Tree): Iterable<Tree> {
  const { A_Expr } = node as { readonly A_Expr?: Tree };
  if (A_Expr && JSON.stringify(A_Expr['name']).includes('">"'))
    yield { A_Expr: { ...A_Expr, name: [{ String: { sval: '<' } }] } };
}

test('variables keep their types where the parser takes others for them', () => {
  const [routine, definition] = functionOf(
    'plpgsql',
    ') RETURNS void',
    `DECLARE m public.mood := 'sad'; d public.docs%ROWTYPE; t text; BEGIN
      SELECT mood, title INTO m, t FROM public.docs; d.title := 'bit(7)' || m; RETURN; END`,
  );
  const read = readBody(routine, definition, TYPES);
  if (read instanceof Unsayable) throw read;
  const { lines } = read.say(structuredClone(read.tree));
  expect(lines).toEqual([
    'DECLARE',
    "m public.mood := 'sad';",
    'd public.docs%ROWTYPE;',
    't text;',
    'BEGIN',
    'SELECT mood, title INTO m, t FROM public.docs;',
    "d.title := 'bit(7)' || m;",
    'RETURN;',
    'END',
  ]);
});

test('a body that the printer would say as another tree is not said', () => {
  const [routine, definition] = functionOf('sql', ') RETURNS text', `SELECT 'a'::pg_catalog."char"`);
  expect(readBody(routine, definition, TYPES)).toMatchObject({
    message: 'the printer would say its body as another tree',
  });
});

test('what is written in another language is not read', () => {
  expect(readBody(...functionOf('plv8', ') RETURNS int', 'return 1'), TYPES)).toMatchObject({
    message: 'written in plv8: its body is not read',
  });
});

function functionOf(language: string, head: string, body: string): [Routine, string] {
  const returns = /RETURNS (.*)$/.exec(head)?.[1] ?? 'record';
  const definition = `CREATE OR REPLACE FUNCTION public.f(${head.includes('RETURNS') ? head : `${head})`} LANGUAGE ${language} AS $function$${body}$function$`;
  const name = 'public.f()' as RoutineName;
  const routine = { name, language, body, kind: 'function', returns, returnsSet: /^(?:SETOF|TABLE)/.test(returns) };
  return [routine as Routine, definition];
}
