/** The small domain decides right: whatever it says of two conditions, the rows of a table that holds every order say as well. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { exhaust } from '../../fixtures/mutate/equivalent/small-domain.ts';
import type { Source } from '../../fixtures/mutate/equivalent/sources.ts';
import { keyOf } from '../../fixtures/mutate/equivalent/trees.ts';
import { parseExpression } from '../../fixtures/sql/parse.ts';
import { type ScratchDatabase, scratchDatabase } from './migrate-scratch.ts';

let database: ScratchDatabase;
beforeAll(async () => {
  database = await scratchDatabase(inject('server'), 'plain');
  // Three numbers below, between and above the two constants are every order that three columns can stand in.
  await database.admin.script(`
    CREATE TABLE public.cells (a int, b int NOT NULL, c int, flag boolean);
    INSERT INTO public.cells
    SELECT a, b, c, flag
    FROM unnest(ARRAY[5, 6, 7, 10, 15, 16, 17, 20, 25, 26, 27, NULL]) AS a,
      unnest(ARRAY[5, 6, 7, 10, 15, 16, 17, 20, 25, 26, 27]) AS b,
      unnest(ARRAY[5, 6, 7, 10, 15, 16, 17, 20, 25, 26, 27, NULL]) AS c,
      unnest(ARRAY[TRUE, FALSE, NULL]) AS flag`);
  await database.admin.script('BEGIN');
});
afterAll(() => database[Symbol.asyncDispose]());

const value = fc.constantFrom('cells.a', 'cells.b', 'cells.c', '10', '20', 'NULL::integer');
const compared = fc.constantFrom('=', '<>', '<', '>=', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM');

const { condition } = fc.letrec<{ condition: string; leaf: string }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.tuple(tie('condition'), tie('condition')).map(([one, other]) => `(${one} AND ${other})`),
    fc.tuple(tie('condition'), tie('condition')).map(([one, other]) => `(${one} OR ${other})`),
    tie('condition').map((one) => `(NOT ${one})`),
    tie('condition').map((one) => `(${one} IS NOT TRUE)`),
    tie('condition').map((one) => `(${one} IS NULL)`),
    fc.tuple(tie('condition'), tie('condition')).map(([one, other]) => `(${one} = ${other})`),
  ),
  leaf: fc.oneof(
    fc.tuple(value, compared, value).map(([one, operator, other]) => `(${one} ${operator} ${other})`),
    fc.tuple(value, value, value).map(([one, ...others]) => `(${one} = ANY (ARRAY[${others.join(', ')}]))`),
    fc.tuple(value, value, value).map(([one, ...others]) => `(${one} NOT IN (${others.join(', ')}))`),
    fc.tuple(value, value, value).map(([one, low, high]) => `(${one} BETWEEN ${low} AND ${high})`),
    value.map((one) => `(${one} IS NULL)`),
    fc.constantFrom('cells.flag', 'TRUE', 'FALSE', 'NULL::boolean'),
  ),
}));

const source = (checks: readonly string[]): Source => ({
  alias: 'cells',
  from: 'public.cells',
  notNull: new Set([keyOf(parseExpression('cells.b'))]),
  checks: checks.map(parseExpression),
});

const asked = async (was: string, is: string, checks: readonly string[] = []) =>
  await exhaust(database.admin, {
    sources: [source(checks)],
    was: parseExpression(was),
    is: parseExpression(is),
  });

/** How many rows that the CHECKs allow tell the conditions apart. */
async function told(was: string, is: string, checks: readonly string[]): Promise<number> {
  const { rows } = await database.admin.query(`
    SELECT count(*)::int AS told FROM public.cells
    WHERE ${['TRUE', ...checks.map((check) => `(${check}) IS NOT FALSE`)].join(' AND ')}
    AND (${was} IS TRUE) <> (${is} IS TRUE)`);
  return Number(rows[0]?.['told']);
}

/** Conditions that are equal by chance are rare: a condition is compared with others, and with itself rewritten. */
const pair = fc.oneof(
  fc.tuple(condition, condition),
  fc.tuple(condition, condition).map(([one, other]) => [one, `(${one} AND (${other} OR ${one}))`] as const),
  fc
    .tuple(condition, condition)
    .map(([one, other]) => [`(NOT (${one} AND ${other}))`, `(NOT ${one} OR NOT ${other})`] as const),
  fc.tuple(condition, condition).map(([one, other]) => [`(${one} AND ${other})`, one] as const),
);

describe('Exhausting a small domain', () => {
  test('says that conditions never differ exactly where no row tells them apart', async () => {
    const counts = { same: 0, different: 0 };
    await fc.assert(
      fc.asyncProperty(pair, fc.array(condition, { maxLength: 1 }), async ([was, is], checks) => {
        const answer = await asked(was, is, checks);
        // A CHECK with other columns than the conditions is left out, so rows are asked without it as well.
        const bare = await told(was, is, []);
        const rows = await told(was, is, checks);
        expect(answer).not.toBeNull();
        const same = answer?.different === 0;
        if (same) expect(rows).toBe(0);
        else expect(bare).toBeGreaterThan(0);
        counts[same ? 'same' : 'different'] += 1;
      }),
      { seed: inject('seed'), numRuns: 300 },
    );
    expect(counts.same).toBeGreaterThan(50);
    expect(counts.different).toBeGreaterThan(50);
  });

  test.each([
    ['constants that are one value', '(cells.a = 10)', '(cells.a = (5 + 5))', null],
    ['constants written in two ways', "(cells.a = '10'::integer)", "(cells.a = '010'::integer)", 0],
    ['texts that differ', "('x'::text = cells.a::text)", "('x '::text = cells.a::text)", 2],
    ['a volatile order of evaluation', '(cells.flag OR cells.a / cells.b = 1)', 'cells.flag', null],
    [
      'an array that is a value',
      "(cells.a = ANY ('{10,20}'::integer[]))",
      "(cells.a = ANY ('{20,10}'::integer[]))",
      null,
    ],
    ['too many cases', many('AND'), many('OR'), null],
  ])('judges %s', async (_, was, is, different) => {
    const answer = await asked(was, is);
    if (different === null) expect(answer === null || answer.different > 0).toBe(true);
    else expect(answer?.different).toBe(different);
  });
});

/** Comparisons of twelve things that nobody knows. */
function many(word: string): string {
  return Array.from({ length: 12 }, (_, at) => `(cells.a + ${at} < cells.c + ${at})`).join(` ${word} `);
}
