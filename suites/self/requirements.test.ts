/** Every requirement of a reference system has a test, and every test that names one has its line. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readWatched } from '../../scripts/mutate/watched.ts';
import { findGaps } from './requirement-ids.ts';

const root = join(import.meta.dirname, '../..');
const systems = readdirSync(join(root, 'supabase'), { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

describe('Requirements of the reference systems', () => {
  test('there are systems to look at', () => {
    expect(systems.length).toBeGreaterThan(0);
  });

  test.for(systems)('each line of %s has a test and each test its line', (system) => {
    const page = join(root, 'supabase', system, 'requirements.md');
    expect(existsSync(page), `supabase/${system} has no requirements.md`).toBe(true);
    const requirements = readFileSync(page, 'utf8');
    expect(requirements).toMatch(/^- T-[A-Z0-9-]+-\d+ /m);
    expect(findGaps(requirements, testFiles(system))).toEqual({ untested: [], unwritten: [], repeated: [] });
  });

  test.for(systems.filter((system) => existsSync(guardsOf(system))))(
    'guards.yaml of %s says of each line what its tests watch',
    async (system) => {
      const watched = await readWatched(guardsOf(system), join(root, 'supabase', system, 'requirements.md'), null);
      expect(watched.size).toBeGreaterThan(0);
    },
  );
});

describe('Finding gaps', () => {
  const page = '# Shop\n\n- T-SHOP-01 A price is positive.\n- T-SHOP-02 A name is given.\n';

  test('a line without a test is found', () => {
    expect(findGaps(page, ["test('T-SHOP-01 a price is positive')"])).toEqual({
      untested: ['T-SHOP-02'],
      unwritten: [],
      repeated: [],
    });
  });

  test('a test without a line is found', () => {
    expect(findGaps(page, ["test('T-SHOP-01 x'); it('T-SHOP-02 y');", 'test(`T-SHOP-03 z`)']).unwritten).toEqual([
      'T-SHOP-03',
    ]);
  });

  test('a test may prove two lines', () => {
    const both = "test('T-SHOP-01 T-SHOP-02 a price and a name')";
    expect(findGaps(page, [both])).toEqual({ untested: [], unwritten: [], repeated: [] });
  });

  test('a line written twice is found', () => {
    expect(findGaps(`${page}- T-SHOP-01 Again.\n`, []).repeated).toEqual(['T-SHOP-01']);
  });

  test('a mention in a sentence or in a comment is no test', () => {
    const mention = "// test('T-SHOP-01 x')\n/* 'T-SHOP-02' */\ntest('like T-SHOP-02, y')";
    expect(findGaps(page, [mention]).untested).toEqual(['T-SHOP-01', 'T-SHOP-02']);
  });
});

function guardsOf(system: string): string {
  return join(root, 'suites/acceptance', system, 'guards.yaml');
}

function testFiles(system: string): readonly string[] {
  const folder = join(root, 'suites/acceptance', system);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
  return files.map((file) => readFileSync(join(folder, file), 'utf8'));
}
