/** The attacks on a project, run as people run them: what is undecided, what failed to migrate, and what is refused at once. */

import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { NOTES, OWN_NOTES } from '../plants.ts';

// Some of these run the whole way twice.
vi.setConfig({ testTimeout: 90_000 });

const root = join(import.meta.dirname, '../..');

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly junit: string;
}

/** Writes a project with these files, and attacks it on this run's own server. */
async function attack(files: { readonly [path: string]: string }, ...args: readonly string[]): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), 'rowproof-attacked-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'migrations'));
  for (const [path, content] of Object.entries(files)) await writeFile(join(folder, path), content);
  const { host, port, admin, maintenanceDatabase } = inject('server');
  const user = `${encodeURIComponent(admin.user)}:${encodeURIComponent(admin.password)}`;
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['scripts/test.ts', 'attacks', ...args], {
    cwd: root,
    env: {
      PATH,
      HOME,
      PROJECT: folder,
      ROWPROOF_SEED: '7',
      ROWPROOF_REPORTS: folder,
      ROWPROOF_STATE_DIR: join(folder, 'state'),
      ROWPROOF_SERVER: 'external',
      ROWPROOF_DATABASE_URL: `postgres://${user}@${host}:${port}/${maintenanceDatabase}`,
      ROWPROOF_ALLOW_REMOTE: host,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const output = await Promise.all([text(child.stdout), text(child.stderr)]);
  return {
    code: await ended,
    output: output.join(''),
    junit: await readFile(join(folder, 'junit.xml'), 'utf8'),
  };
}

const base = { 'migrations/1_base.sql': NOTES + OWN_NOTES };
const broken = { ...base, 'migrations/2_broken.sql': 'SELECT 1;\nALTER TABLE public.nowhere\n  ADD COLUMN a int;' };
const failure = 'migrations/2_broken.sql line 2: relation "public.nowhere" does not exist (SQLSTATE 42P01)';

test('a failing file ends the run with 2, its line and the way past it', async () => {
  const { code, output } = await attack(broken);
  expect(output).toContain(`Migration ${failure}`);
  expect(output).toContain('--continue');
  expect(code).toBe(2);
});

test('with --continue it is reported on the first screen and in JUnit, and --strict counts it', async () => {
  const { code, output, junit } = await attack(broken, '--continue');
  expect(output).toContain('attacks: 0 findings, 0 questions, 1 unknown');
  expect(output).toContain(`Failed   ${failure}`);
  expect(junit).toContain('name="migrations/2_broken.sql applies"');
  expect(junit).toMatch(/<skipped message="migrations\/2_broken\.sql line 2: /);
  expect(code).toBe(0);
  const strict = await attack(broken, '--continue', '--strict');
  expect(strict.output).toContain('1 undecided: --strict counts every question and unknown as a failure.');
  expect(strict.code).toBe(1);
});

test('a finding ends with 1, keeps its witness for JUnit, and a waiver in force silences it', async () => {
  const open = { 'migrations/1_base.sql': `${NOTES}${OWN_NOTES.replace(/WITH CHECK.*;/s, 'WITH CHECK (true);')}` };
  const found = await attack(open);
  expect(found.output).toContain('attacks: 2 findings');
  expect(found.output).not.toContain('SET LOCAL ROLE');
  expect(found.output).not.toContain('✓ select public.notes');
  expect(found.junit).toContain('SET LOCAL ROLE');
  expect(found.code).toBe(1);
  const keys = ['write-forged-owner:insert:public.notes', 'write-give-away:update:public.notes'];
  const waivers = keys.map((key) => `  - { key: "${key}", reason: known, expires: 2999-12-31 }`);
  const waived = await attack({ ...open, 'access.yaml': ['version: 1', 'waivers:', ...waivers].join('\n') });
  expect(waived.output).toContain('write-forged-owner:insert:public.notes: waived until 2999-12-31 (known)');
  expect(waived.junit).toContain('somebody else (waived)"');
  expect(waived.code).toBe(0);
});

test('a file without statements is no failure, and a project without anything to reach ends with 2', async () => {
  const { code, output } = await attack({ 'migrations/1_empty.sql': '', 'migrations/2_note.sql': '-- later\n' });
  expect(output).toContain('make no table and no function that a client could reach, so nothing was examined.');
  expect(output).not.toContain('verdict-tests.ts');
  expect(code).toBe(2);
});

test.for([
  ['a stage that there is not', base, ['--to', '9'], 'The project has no migration 9.', 'Its versions are 1.'],
  ['no migrations', {}, [], 'There are no migrations in', 'Give the folder that holds your .sql files.'],
  [
    'a contract that is no YAML',
    { ...base, 'access.yaml': 'version: 1\nflows: [' },
    [],
    'access.yaml, line 2:',
    'Correct that line.',
  ],
] as const)('%s is told before a server is started', async ([, files, args, sentence, fix]) => {
  const { code, output } = await attack(files, ...args);
  expect(output).toContain(sentence);
  expect(output).toContain(`Fix: ${fix}`);
  expect(output).not.toContain('PostgreSQL 1');
  expect(code).toBe(2);
});
