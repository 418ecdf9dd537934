/** The score of mutants and what is told of them: screen, table of watchers, JUnit, the file and its schema. */

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { percentKilled, tallyOf } from '../../fixtures/mutate/score.ts';
import { difference } from '../../reports/difference.ts';
import { toJUnit } from '../../reports/junit.ts';
import schema from '../../reports/mutation.schema.json' with { type: 'json' };
import { mutationFile, watchFile } from '../../reports/mutation.ts';
import { mutationJUnit } from '../../reports/mutation-junit.ts';
import { mutationVerdict, toMutationScreen } from '../../reports/mutation-screen.ts';
import { guardsLine, watchTable } from '../../reports/mutation-tables.ts';
import { facts, file, mutated, result, results } from './sample-mutation.ts';

const plain = (_: unknown, text: string) => text;
const options = { paint: plain, again: 'npm run mutate -- shop', out: 'reports/out' };
const killed = results.filter(({ state }) => state === 'killed');

describe('The score', () => {
  test.for([
    [0, 0, null],
    [0, 3, 0],
    [1, 2, 33.3],
    [999, 4, 99.6],
    [9999, 1, 99.9],
    [7, 0, 100],
  ] as const)('of %i killed and %i survived is %s: only all of them are 100', ([dead, alive, percent]) => {
    expect(percentKilled({ killed: dead, survived: alive })).toBe(percent);
  });

  test('counts each state once, and neither equivalent nor invalid ones against anybody', () => {
    expect(tallyOf(results, 1)).toEqual({ killed: 2, survived: 3, equivalent: 1, invalid: 1, skipped: 1 });
    expect(file.score.percent).toBe(40);
  });

  test('is given for each operator and surface, and those that were only passed over are among them', () => {
    const emptied = file.operators.find(({ name }) => name === 'routine-guard-emptied');
    expect(emptied).toMatchObject({ killed: 0, survived: 1, skipped: 1, percent: 0 });
    expect(file.surfaces.map(({ name, percent }) => [name, percent])).toEqual([
      ['public.docs', 66.6],
      ['public.send(uuid,text)', 0],
      ['public.sum(int)', null],
    ]);
  });

  test('names who watches a guard: attacks and T-tests, each once', () => {
    const watched = [
      result('b x', { tests: ['T-DM-02', 'T-DM-01'] }),
      result('c x', { tests: ['T-DM-02'] }),
      result('d x', { killer: null, state: 'survived', tests: [] }),
    ];
    expect(mutationFile({ ...mutated, results: watched }, facts).guards).toMatchObject([
      { killed: 2, survived: 1, watchedBy: ['T-DM-01', 'T-DM-02', 'read-foreign-row'] },
    ]);
  });
});

describe('The file', () => {
  test('fits its schema', () => {
    const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema);
    expect(validate(file), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...file, more: 1 })).toBe(false);
  });

  test('is the same in whichever order results came', () => {
    const turned = { ...mutated, results: results.toReversed(), skipped: mutated.skipped.toReversed() };
    expect(JSON.stringify(mutationFile(turned, facts))).toBe(JSON.stringify(file));
  });

  test('of a part of the mutants is no measure of all guards', () => {
    expect(watchFile(file)?.guards).toHaveLength(3);
    for (const part of [{ only: 'policy' }, { since: 'main' }]) {
      const scope = { ...facts.scope, ...part };
      expect(watchFile(mutationFile(mutated, { ...facts, scope }))).toBeNull();
    }
  });
});

describe('The screen', () => {
  test('says the score, then the survivors, those first that nobody watches', () => {
    expect(toMutationScreen(file, options)).toMatchInlineSnapshot(`
      "shop: 40% of the mutants killed (2 of 5); 3 survived at 2 guards, 1 equivalent, 1 invalid, 1 skipped

      UNWATCHED function public.send(uuid,text): IF p_user <> auth.uid()
        2 of 2 mutants survived
        routine-guard-emptied
          - RAISE EXCEPTION 'no';
          + NULL;
          17 probes tried. No rightful call of it is known.
        routine-guard-negated
          - IF p_user <> auth.uid() THEN
          + IF NOT p_user <> auth.uid() THEN
          17 probes tried. No rightful call of it is known.

      SURVIVED  policy public.docs "own docs"
        1 of 3 mutants survived; watched by read-foreign-row
        policy-role-widened
          - … AS PERMISSIVE FOR SELECT TO authenticated USING (owner_id = auth.uid())
          + … AS PERMISSIVE FOR SELECT TO PUBLIC USING (owner_id = auth.uid())
          42 probes tried. anon holds no grant of SELECT on public.docs.

      One alone: npm run mutate -- shop --only 'routine-guard-emptied function public.send(uuid,text): IF p_user <> auth.uid()'

      Equivalent: no caller can tell the difference (1)
        policy-null-tolerant policy public.docs "own docs" USING 1
          owner_id and auth.uid() are never both NULL: owner_id is NOT NULL

      Invalid: refused by the server, or without effect (1)
           1  cannot drop constraint docs_pkey on table docs because other objects depend on it

      Skipped: no mutant could be made (1)
           1  its language is plv8

      By operator                                   killed  survived  equivalent  invalid  skipped   score
        policy-role-widened                              0         1           0        0        0      0%
        routine-guard-emptied                            0         1           0        0        1      0%
        routine-guard-negated                            0         1           0        0        0      0%
        4 without survivors                              2         0           1        1        0    100%

      By surface                                    killed  survived  equivalent  invalid  skipped   score
        public.send(uuid,text)                           0         2           0        0        0      0%
        public.docs                                      2         1           1        1        0   66.6%
        1 without survivors                              0         0           0        0        1       –

      120 probes; 4.3 s: start 0.9 s, mutants 3.3 s; seed 1, PostgreSQL 17.10 embedded
      Reports: reports/out (mutation.json, mutation-junit.xml)"
    `);
  });

  test('is at most 100 columns wide, but for reasons and guards', () => {
    const reasons = /^ {2}policy-null-tolerant|^shop:|^One alone/;
    const long = toMutationScreen(file, options)
      .split('\n')
      .filter((line) => line.length > 100 && !reasons.test(line));
    expect(long).toEqual([]);
  });

  test('fits on two pages, however much survived', () => {
    const many = Array.from({ length: 400 }, (_, at) =>
      result(`op-${at % 50} g${at}`, { state: 'survived', killer: null, guard: `g${at}`, surface: `s${at % 60}` }),
    );
    const text = toMutationScreen(mutationFile({ ...mutated, results: many }, facts), options);
    expect(text.split('\n').length).toBeLessThanOrEqual(100);
    expect(text).toContain('Survived, too (392, all in mutation.json)');
    expect(text).toMatch(/^ {4}8 {2}op-\d+: g\d+, g\d+, /m);
    expect(text).toContain('… and 42 more operators');
  });

  test('says in one line that none survived, that nothing differs, and that nothing could be judged', () => {
    const verdict = (some: typeof results, since: string | null = null) =>
      mutationVerdict(
        mutationFile({ ...mutated, results: some }, { ...facts, scope: { ...facts.scope, since } }),
        plain,
      );
    expect(verdict(killed)).toBe(
      'shop: 100% of the mutants killed (2 of 2); none survived, 0 equivalent, 0 invalid, 1 skipped',
    );
    const alike = results.filter(({ state }) => state === 'equivalent');
    expect(verdict(alike)).toBe('shop: none survived; 1 equivalent, 0 invalid, 1 skipped');
    expect(verdict([], 'main')).toBe('shop: no guard differs from main');
    expect(verdict([])).toBe('shop: no mutant could be judged; 0 equivalent, 0 invalid, 1 skipped');
  });

  test('of what was resumed says how much', () => {
    const resumed = mutationFile(mutated, { ...facts, run: { ...facts.run, resumed: 3 } });
    expect(toMutationScreen(resumed, options)).toContain('3 of 7 known from an interrupted run;');
  });
});

describe('Who watches what', () => {
  test('is a table by surface in which unwatched guards stand out', () => {
    expect(watchTable(file.guards, plain)).toMatchInlineSnapshot(`
      "Guards: 1 of 2 watched; 1 could not be judged

      public.docs
        constraint public.docs "docs_pkey"                            not judged
        policy public.docs "own docs"                                 read-foreign-row (1 of 3 survived)

      public.send(uuid,text)
        function public.send(uuid,text): IF p_user <> auth.uid()      UNWATCHED: 2 mutants survived"
    `);
  });

  test('is one line of a check, which says too that nobody measured it', () => {
    expect(guardsLine(null, 'npm run mutate -- shop')).toBe('Guards: not measured (npm run mutate -- shop)');
    expect(guardsLine(file.guards, 'npm run mutate -- shop')).toBe(
      'Guards: 1 of 2 watched; 1 could not be judged; unwatched: function public.send(uuid,text): IF p_user <> auth.uid() (npm run mutate -- shop --map)',
    );
  });
});

test('JUnit holds one test for each guard: failed with its survivors, passed or undecided; and one for each that a T-test names', () => {
  const xml = toJUnit(mutationJUnit(file, { replay: 'npm run mutate -- shop', server: 'PostgreSQL 17.10' }));
  expect(xml).toContain('tests="3" failures="2" errors="0" skipped="1"');
  expect(xml).toContain('1 of 3 mutants survived: policy-role-widened');
  expect(xml).toContain('+ CREATE POLICY "own docs" ON public.docs AS PERMISSIVE FOR SELECT TO PUBLIC');
  expect(xml).toContain('ALTER POLICY "own docs" ON public.docs USING (true);');
  const guard = 'row security on public.docs';
  const weak = { test: 'T-DM-02', guard, missed: ['row-security-off x'], red: null, faults: [] };
  const unhappy = { test: 'T-DM-03', guard, missed: [], red: ['T-DM-01', 'T-DM-03'], faults: ['T-DM-01 fails, too'] };
  const sound = { ...weak, test: 'T-DM-01', missed: [] };
  const told = mutationFile({ ...mutated, watches: [weak, sound, unhappy] }, facts);
  expect(toMutationScreen(told, options)).toContain('  T-DM-02: row security on public.docs (row-security-off x)');
  const tests = toJUnit(mutationJUnit(told, { replay: '', server: null }));
  expect(tests).toContain('tests="6" failures="4" errors="0" skipped="1"');
  expect(tests).toContain('message="T-DM-02 passes without it"');
  expect(tests).toContain('message="T-DM-01 fails, too"');
  const clean = toJUnit(
    mutationJUnit(mutationFile({ ...mutated, results: killed }, facts), { replay: '', server: null }),
  );
  expect(clean).toContain('tests="1" failures="0" errors="0" skipped="0"');
});

describe('The difference of two texts of SQL', () => {
  const lines = (was: string, is: string) => difference(was, is, 60).map(({ sign, text }) => `${sign} ${text}`);

  test('of one long line is what differs and a little around it', () => {
    const head = 'CREATE POLICY "own" ON public.docs FOR SELECT TO authenticated USING';
    expect(lines(`${head} ((a = auth.uid()) AND (b IS NULL))`, `${head} (a = auth.uid())`)).toMatchInlineSnapshot(`
      [
        "- … USING (a = auth.uid() AND b IS NULL)",
        "+ … USING (a = auth.uid())",
      ]
    `);
  });

  test('of a body is the lines that differ, moved to the left', () => {
    expect(lines('BEGIN\n  IF a THEN\n    RAISE b;\n  END IF;\nEND', 'BEGIN\nEND')).toEqual([
      '- IF a THEN',
      '-   RAISE b;',
      '- END IF;',
    ]);
  });

  test('of what is gone, or new, has one side', () => {
    expect(lines('DROP TABLE x', '')).toEqual(['- DROP TABLE x']);
    expect(lines('', 'GRANT SELECT ON x TO anon')).toEqual(['+ GRANT SELECT ON x TO anon']);
  });

  test('of statements that only two programs print differently is none', () => {
    expect(lines('SELECT ((a))\n  FROM "x" ', 'SELECT a FROM x')).toEqual([]);
  });
});
