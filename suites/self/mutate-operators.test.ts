/** Every mutation operator changes exactly what it says, and its no-op changes nothing. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { PlatformKind } from '../../fixtures/model/project.ts';
import { loadOperators } from '../../fixtures/mutate/load-operators.ts';
import { type ScratchDatabase, scratchDatabase } from './migrate-scratch.ts';
import { idsWithExamples, loadExamples, outcomeOf } from './mutate-operators.ts';

const operators = await loadOperators();
const withExamples = await idsWithExamples();
const cases = await Promise.all(
  operators
    .filter(({ id }) => withExamples.includes(id))
    .map(async (operator) => ({ operator, examples: await loadExamples(operator.id) })),
);

const databases = new Map<PlatformKind, ScratchDatabase>();
beforeAll(async () => {
  for (const platform of ['supabase', 'plain'] as const) {
    databases.set(platform, await scratchDatabase(inject('server'), platform));
  }
});
afterAll(async () => {
  for (const database of databases.values()) await database[Symbol.asyncDispose]();
});

test('every operator has examples, and no examples are without their operator', () => {
  expect(withExamples).toEqual(operators.map(({ id }) => id));
});

describe.each(cases)('$operator.id', ({ operator, examples }) => {
  test.each(examples.map((example, at) => ({ example, at })))('changes what example $at says', async ({ example }) => {
    const database = databases.get(example.platform ?? 'supabase');
    if (!database) throw new Error('no database of that platform was made');
    const { mutants, skipped, noops, twice } = await outcomeOf(database.admin, operator, example);
    expect(mutants).toEqual(example.mutants);
    expect(skipped).toEqual(example.skipped ?? []);
    expect(twice).toEqual([]);
    expect(noops).toEqual([]);
  });
});
