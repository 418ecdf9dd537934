/** The house rules: the project keeps them, and each of them can fail. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bans, longestFile } from '../../scripts/tidy/bans.ts';
import { inspectFile, inspectHouse } from '../../scripts/tidy/house.ts';

const header = '/** A file. */\n';
const root = join(import.meta.dirname, '../..');

describe('The house', () => {
  test('every file of the project keeps the house rules', () => {
    expect(inspectHouse(root)).toEqual([]);
  });

  test('a clean file is silent', () => {
    expect(inspectFile('fixtures/act/act.ts', `${header}export const x: unknown = 1;\n`)).toEqual([]);
  });

  test('a file of more than 250 lines is named, one of 250 is not', () => {
    const lines = (count: number) => `${header}${'\n'.repeat(count - 1)}`;
    expect(inspectFile('fixtures/act/act.ts', lines(longestFile))).toEqual([]);
    expect(inspectFile('fixtures/act/act.ts', lines(longestFile + 1))[0]).toContain('251 lines are more than 250');
    expect(inspectFile('fixtures/introspect/sql/x.sql', lines(300))).toHaveLength(1);
    expect(inspectFile('supabase/shop/migrations/1_x.sql', lines(300))).toEqual([]);
  });

  test('a file that does not say what it is for is named', () => {
    expect(inspectFile('fixtures/act/act.ts', 'export const x = 1;\n')[0]).toContain('does not open with a comment');
  });
});

/** One line that breaks each ban, and one near it that does not. */
const samples: {
  readonly [name: string]: { readonly path: string; readonly broken: readonly string[]; readonly kept: string };
} = {
  any: { path: 'reports/a.ts', broken: ['x as any'], kept: 'has any of them' },
  'silenced type error': {
    path: 'reports/a.ts',
    broken: ['// @ts-ignore', '// @ts-expect-error x'],
    kept: '// see ts-node',
  },
  'test that does not run': {
    path: 'suites/self/a.test.ts',
    broken: ["it.skip('x')", "describe.only('x')", "test.todo('x')", "test.skipIf(x)('y')"],
    kept: "test.for(x)('y')",
  },
  retry: { path: 'suites/self/a.test.ts', broken: ['{ retry: 2 }'], kept: '{ retry: false }' },
  sleep: {
    path: 'suites/self/a.test.ts',
    broken: ['await new Promise((resolve) => setTimeout(resolve, 50))', "from 'node:timers/promises'"],
    kept: 'setTimeout(() => controller.abort(), 50)',
  },
  'left-over': { path: 'reports/a.ts', broken: ['// TODO later'], kept: 'todos' },
  'path of one machine': {
    path: 'docs/a.md',
    broken: ['see /home/me/x', "'/Users/me'"],
    kept: 'https://example.com/home/x and fixtures/home/x',
  },
  'test name that only says should': {
    path: 'suites/self/a.test.ts',
    broken: ["it('should work')", "test('T-MSG-01 should x')"],
    kept: "test('what should be')",
  },
  'other word': { path: 'reports/a.ts', broken: ['whitelisted', 'a black-list'], kept: 'a white list' },
};

describe('The bans', () => {
  test.for(bans.filter(({ name }) => name !== 'room without a purpose'))(
    '$name is found and its opposite is silent',
    ({ name, instead }) => {
      const sample = samples[name];
      expect(sample, `no sample for ${name}`).toBeDefined();
      if (!sample) return;
      for (const line of sample.broken) {
        expect(inspectFile(sample.path, `${header}${line}\n`)).toEqual([
          expect.stringContaining(`${name}; ${instead}`),
        ]);
      }
      expect(inspectFile(sample.path, `${header}${sample.kept}\n`)).toEqual([]);
    },
  );

  test('a room or a file without a purpose is found by its name', () => {
    const told = expect.stringContaining('room without a purpose; name the file after what it does');
    for (const path of ['fixtures/utils/a.ts', 'reports/misc.ts', 'suites/common/a.ts'])
      expect(inspectFile(path, header)).toEqual([told]);
    expect(inspectFile('fixtures/act/help-request.ts', header)).toEqual([]);
  });
});

describe('Continuous integration', () => {
  test.for(['.ci/run', '.github/workflows/ci.yml'])('%s sets a seed and calls the commands of the README', (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    for (const words of ['ROWPROOF_SEED', 'npm ci', 'npm test', 'test:acceptance', 'test:chaos', 'container'])
      expect(text).toContain(words);
    expect(text).not.toMatch(/\|\| true\s*$(?!\n\s*count)/m);
  });
});
