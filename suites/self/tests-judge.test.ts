/** T-tests judge mutants, and are judged by the guards that they name. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import type { Mutant, MutantResult, MutantState } from '../../fixtures/model/mutant.ts';
import { rednessOf } from '../../scripts/mutate/faults.ts';
import { askTests, type TestsOptions } from '../../scripts/mutate/tests.ts';
import { watchTable } from '../../scripts/mutate/watch-table.ts';
import { readWatched } from '../../scripts/mutate/watched.ts';

const root = join(import.meta.dirname, 'tests-judge');
const project = join(root, 'supabase/shop');
const guards = join(root, 'suites/acceptance/shop/guards.yaml');
const surface = 'public.prices';
const { signal: never } = new AbortController();

const mutant = (key: string, guard: string, sql: string): Mutant => ({
  key,
  operator: 'test',
  guard,
  surface: surface as Mutant['surface'],
  verb: null,
  sql: [sql],
  noop: [],
  was: '',
  is: '',
  removes: true,
});
const rowSecurity = `row security on ${surface}`;
const positive = `constraint ${surface} "prices_positive"`;
const article = `constraint ${surface} "prices_article"`;
const off = mutant('off', rowSecurity, `ALTER TABLE ${surface} DISABLE ROW LEVEL SECURITY`);
const free = mutant('free', positive, `ALTER TABLE ${surface} DROP CONSTRAINT prices_positive`);
const twice = mutant('twice', article, `ALTER TABLE ${surface} DROP CONSTRAINT prices_article`);
const renamed = mutant('renamed', 'comment', `UPDATE ${surface} SET article = 'cake'`);
const silent = mutant('silent', 'comment', `COMMENT ON TABLE ${surface} IS NULL`);
const shown = mutant('shown', `policy ${surface} "all"`, `CREATE POLICY "all" ON ${surface} USING (true)`);

const fate = ({ key, operator, guard, surface, removes, sql }: Mutant, state: MutantState): MutantResult => ({
  ...{ key, operator, guard, surface, removes, sql, was: '', is: '', state },
  ...{ killer: null, tried: 0, reason: '' },
});

const asked = async (
  mutants: readonly Mutant[],
  {
    state = 'survived',
    port = inject('server').port,
    ...options
  }: Partial<TestsOptions> & { readonly state?: MutantState; readonly port?: number } = {},
) =>
  await askTests(
    { ...inject('server'), port },
    project,
    mutants,
    mutants.map((one) => fate(one, state)),
    { ...{ root, lanes: 1, seed: 1, complete: true, named: false }, signal: never, reclaim: () => {}, ...options },
  );

describe('T-tests as judges', () => {
  test('a test fails without the guard that it names, and what a weak one lets pass is shown at that guard', async () => {
    const { results, watches } = await asked([off, free, twice, shown, renamed, silent]);
    expect(results.map(({ key, state, killer, tests }) => [key, state, killer?.judge, tests])).toEqual([
      ['off', 'killed', 'T-SHOP-01', ['T-SHOP-01']],
      ['free', 'killed', 'T-SHOP-02', ['T-SHOP-02']],
      ['twice', 'survived', undefined, []],
      ['shown', 'killed', 'T-SHOP-01', ['T-SHOP-01']],
      // The test that would notice says that it watches nothing.
      ['renamed', 'survived', undefined, []],
      // A test without an id judges, too.
      ['silent', 'killed', 'a price says what it is of', ['a price says what it is of']],
    ]);
    expect(watchTable(watches)).toEqual([
      'T-SHOP-01  red              row security on public.prices',
      'T-SHOP-02  red              constraint public.prices "prices_positive"',
      'T-SHOP-02  NOT NOTICED      constraint public.prices "prices_article"',
      '                            passes on twice',
      '2 of 3: the test fails without the guard that it names, and what it should let pass still works',
    ]);
  });

  test('what an attack has killed is asked of the tests that name it alone, in two lanes as in one', async () => {
    const { results } = await asked([off, free, twice, shown], { state: 'killed', lanes: 2 });
    expect(results.map(({ key, killer, tests }) => [key, killer, tests])).toEqual([
      ['off', null, ['T-SHOP-01']],
      ['free', null, ['T-SHOP-02']],
      ['twice', null, []],
      ['shown', null, undefined],
    ]);
  });

  test('what was known is not asked again, and a test whose set-up fails has failed', async () => {
    const gone = mutant('gone', rowSecurity, `ALTER TABLE ${surface} RENAME TO costs`);
    const heard: string[] = [];
    const { results, watches } = await asked([gone, free, twice], {
      known: new Map([['free', ['T-SHOP-01']]]),
      onResult: (key) => void heard.push(key),
    });
    expect(results.map(({ tests }) => tests)).toEqual([['T-SHOP-01', 'T-SHOP-02'], ['T-SHOP-01'], []]);
    expect(heard).toEqual(['gone', 'twice']);
    // More is gone than the guard.
    expect(watchTable(watches).slice(0, 2)).toEqual([
      'T-SHOP-01  red          +1  row security on public.prices',
      '                            T-SHOP-02 fails, too, which calls it with success',
    ]);
  });

  test('of the mutants of a project those of named guards alone are asked, where nothing else is wanted', async () => {
    const { results, watches } = await asked([off, free, twice, shown], { named: true });
    expect(results.map(({ key, state }) => [key, state])).toEqual([
      ['off', 'killed'],
      ['free', 'killed'],
      ['twice', 'survived'],
    ]);
    expect(watches.map(({ red, faults }) => [red, faults])).toEqual([
      [['T-SHOP-01'], []],
      [null, []],
      [null, []],
    ]);
  });

  test('a guard without which more than five ids fail has a reason', () => {
    const failed = new Map([['off', ['A', 'B', 'C', 'D', 'E', 'F'].map((letter) => `T-${letter}-01`)]]);
    const watch = { test: 'T-A-01', guard: rowSecurity, happy: 'T-Z-01', reason: null, owed: ['off'] };
    const faults = ['6 ids fail, and guards.yaml gives no reason'];
    expect(rednessOf(watch, failed)).toEqual({ red: failed.get('off'), faults });
    expect(rednessOf({ ...watch, reason: 'All of them read through it.' }, failed).faults).toEqual([]);
    expect(rednessOf(watch, new Map([['off', ['T-A-01']]])).faults).toEqual([]);
  });

  test.each([
    [
      'the server refuses a statement',
      [mutant('refused', rowSecurity, 'DROP TABLE public.nowhere'), free, twice],
      {},
      'A mutant of shop does not apply: table "nowhere" does not exist.',
    ],
    [
      'a test fails on the project as it is',
      [off, free, twice],
      { seed: -1 },
      'T-SHOP-02 fails on the project as it is, so its failing on a mutant would mean nothing.',
    ],
    [
      'the server refuses each mutant of a guard that is named',
      [off, free, twice],
      { state: 'invalid' },
      `T-SHOP-01 names the guard \`${rowSecurity}\`, and the server refuses each of its mutants.`,
    ],
    [
      'the server is gone',
      [off, free, twice],
      { port: 1 },
      'The PostgreSQL server went away while the tests ran (ECONNREFUSED), so their results mean nothing.',
    ],
    [
      'no mutant has a guard that is named',
      [off, free],
      {},
      `${guards}, line 9: no mutant has the guard \`${article}\` (did you mean \`${positive}\`?).`,
    ],
  ] as const)('nothing is killed where %s', async (_, mutants, options, message) => {
    await expect(asked(mutants, options)).rejects.toMatchObject({ name: 'CannotRun', message });
  });
});

describe('guards.yaml', () => {
  const read = async (tests: string) => {
    const folder = await mkdtemp(join(tmpdir(), 'rowproof-guards-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'guards.yaml');
    await writeFile(path, `version: 1\ntests:\n${tests}`);
    const requirements = join(project, 'requirements.md');
    return await readWatched(path, requirements, new Set([positive])).catch((error: Error) =>
      error.message.replace(folder, ''),
    );
  };

  test.each([
    [
      'an id without a line',
      '  T-SHOP-09: {none: x}\n',
      '/guards.yaml, line 3: T-SHOP-09 is no line of requirements.md.',
    ],
    ['a line without an entry', '  T-SHOP-01: {none: x}\n', '/guards.yaml says nothing of T-SHOP-02.'],
    [
      'a test that names nothing',
      '  T-SHOP-01: []\n',
      '/guards.yaml, line 3: tests.T-SHOP-01 must NOT have fewer than 1 items.',
    ],
    [
      'an empty reason',
      '  T-SHOP-01: {none: " "}\n',
      '/guards.yaml, line 3: tests.T-SHOP-01.none is ` `, but must not be blank.',
    ],
    [
      'a happy test that is the same one',
      `  T-SHOP-01: {guards: ['${positive}'], happy: T-SHOP-01}\n  T-SHOP-02: {none: x}\n  T-SHOP-03: {none: x}\n`,
      '/guards.yaml, line 3: T-SHOP-01 is no other test that watches guards.',
    ],
    [
      'a field that nobody knows',
      `  T-SHOP-01: {guards: ['${positive}'], happy: T-SHOP-02, why: x}\n`,
      '/guards.yaml, line 3: tests.T-SHOP-01 has an unknown field `why`.',
    ],
    [
      'a guard beside a happy test that no mutant has',
      `  T-SHOP-01:\n    guards:\n      - x\n    happy: T-SHOP-02\n  T-SHOP-02: ['${positive}']\n  T-SHOP-03: {none: x}\n`,
      '/guards.yaml, line 5: no mutant has the guard `x`.',
    ],
    ['a word that is no id', '  T-SHOP: {none: x}\n', '/guards.yaml, line 3: tests has an unknown field `T-SHOP`.'],
  ])('%s is refused', async (_, tests, message) => {
    expect(await read(tests)).toBe(message);
  });
});
