/** The runner, run as people run it: exit codes, sentences and reports for every way in which a run can end. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { watch } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, inject, onTestFinished, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly junit: string;
}

interface Run {
  readonly child: ChildProcess;
  ended(): Promise<Ended>;
}

/** On this run's own server, which spares a boot. */
function borrowedServer(): NodeJS.ProcessEnv {
  const { host, port, admin, maintenanceDatabase } = inject('server');
  const user = `${encodeURIComponent(admin.user)}:${encodeURIComponent(admin.password)}`;
  return {
    ROWPROOF_SERVER: 'external',
    ROWPROOF_DATABASE_URL: `postgres://${user}@${host}:${port}/${maintenanceDatabase}`,
    ROWPROOF_ALLOW_REMOTE: host,
  };
}

const ownServer: NodeJS.ProcessEnv = { ROWPROOF_SERVER: 'embedded' };

async function start(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Run> {
  const reports = await mkdtemp(join(tmpdir(), 'rowproof-runner-'));
  onTestFinished(() => rm(reports, { recursive: true }));
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['scripts/test.ts', ...args], {
    cwd: root,
    env: {
      PATH,
      HOME,
      ROWPROOF_SEED: '7',
      ROWPROOF_REPORTS: reports,
      ROWPROOF_STATE_DIR: join(reports, 'state'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  return {
    child,
    ended: async () => ({
      code: await ended,
      output: (await output).join(''),
      junit: await readFile(join(reports, 'junit.xml'), 'utf8'),
    }),
  };
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return (await start(args, env)).ended();
}

const cases = (...names: readonly string[]) => [
  'self',
  '--config',
  'suites/self/runner/vitest.config.ts',
  ...names.map((name) => `runner/${name}`),
];

/** The sentence and its fix, as the JUnit holds them. */
const obstacle = (sentence: string) => expect.stringContaining(`<error message="${sentence}" type="CannotRun">`);

test('Rowproof runs on the Node that it brings along', () => {
  expect(process.version).toMatch(/^v24\./);
});

test('an older Node is refused with one sentence and exit code 2', () => {
  const older = "Object.defineProperty(process, 'versions', { value: { node: '22.22.0' } });";
  const script = `${older} await import('./scripts/require-node24.js'); console.log('went on');`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stderr).toMatch(
    /^Rowproof needs Node 24, and this is Node 22\.22\.0, so nothing was run\.\nFix: run `npm ci`/,
  );
  expect(stdout).toBe('');
  expect(status).toBe(2);
});

describe('A run', () => {
  test('ends with 0 when every test passes', async () => {
    const { code, output, junit } = await run(cases('passing'), borrowedServer());
    expect(output).toContain('1 passed, 0 failed');
    expect(output).toContain('ROWPROOF_SEED=7 ROWPROOF_SERVER=external npm run test:self --');
    expect(output).not.toContain('[');
    expect(code).toBe(0);
    expect(junit).toContain('<property name="id" value="T-RUN-01"/>');
  });

  test('lists over HTTP what was said there, and what failed', async () => {
    const { output, junit } = await run(cases('doors'), borrowedServer());
    expect(output).toContain('1 passed, 1 failed');
    expect(junit).toContain('<testsuite name="Runner › over HTTP (http, gateway)"');
    const properties = [...junit.matchAll(/<property name="(door|statements [a-z ]+)" value="([^"]*)"/g)];
    expect(properties.map(([, name, value]) => `${name} = ${value}`)).toEqual([
      'door = gateway',
      'statements over http = 3',
      'statements over the wire alone = 1: LOCK',
      'statements over the wire alone = 2: TRUNCATE',
      'door = none',
      'statements over http = 0',
    ]);
    expect(junit).not.toContain('nothing is said, and it passes');
  });

  test('ends with 1 when a test fails or a finding is made, and shows the witness', async () => {
    const { code, output, junit } = await run(cases('failing', 'finding', 'passing'), borrowedServer());
    expect(code).toBe(1);
    expect(output).toContain('2 passed, 2 failed');
    expect(output).toContain('critical: a stranger reads public.docs');
    expect(output).toContain('shop at head: 2/3 relations, 4/4 policies, 1/1 routines, 99 probes');
    expect(output).toContain('shop public.log: no row of any owner');
    expect(output).not.toContain('finding.case.ts:');
    expect(junit).toContain('tests="4" failures="2" errors="0" skipped="0"');
    expect(junit).toContain('FROM public.docs;\nROLLBACK;]]></failure>');
  });

  test('ends with 1 when a test is skipped', async () => {
    const { code, output, junit } = await run(cases('skipping'), borrowedServer());
    expect(output).toContain('A skipped test proves nothing');
    expect(code).toBe(1);
    expect(junit).toContain('skipped="1"');
  });

  test('takes no notice of the tests that -t leaves out', async () => {
    const { code, output, junit } = await run([...cases('failing'), '-t', 'are two'], borrowedServer());
    expect(output).toContain('1 passed, 0 failed');
    expect(code).toBe(0);
    expect(junit).toContain('tests="1"');
  });

  test.for([
    ['a filter', [...cases('nowhere')], 'No test of self matches `runner/nowhere`, so nothing was proved.'],
    [
      '-t',
      [...cases('passing'), '-t', 'nothing'],
      'No test of self matches `runner/passing` and `-t nothing`, so nothing was proved.',
    ],
  ] as const)('ends with 2 when %s matches nothing', async ([, args, sentence]) => {
    const { code, output, junit } = await run(args, borrowedServer());
    expect(output).toContain(sentence);
    expect(junit).toEqual(obstacle(sentence));
    expect(code).toBe(2);
  });

  test.for([
    ['a file is loaded', 'cannot-load', 'There are no migrations in shop.', 'Fix: Name a folder that holds some.'],
    ['a suite is set up', 'cannot-set-up', 'The disk is full.', 'Fix: Free some space.'],
  ] as const)(
    'ends with 2 and one sentence when it turns out to be impossible while %s',
    async ([, name, sentence, fix]) => {
      const { code, output, junit } = await run(cases(name), borrowedServer());
      expect(output).toContain(`${sentence}\n${fix}`);
      expect(output).not.toContain('.case.ts:');
      expect(junit).toEqual(obstacle(sentence));
      expect(code).toBe(2);
    },
  );

  test.for([
    ['is running', 'hanging'],
    ['is being loaded', 'late'],
  ] as const)('stops when it turns out to be impossible, even while another file %s', async ([, other]) => {
    const { code, output } = await run(cases('cannot-set-up', other), {
      ...borrowedServer(),
      ROWPROOF_WORKERS: '2',
    });
    expect(output).toContain('The disk is full.');
    expect(code).toBe(2);
  });

  test('ends with 2 when the server dies in the middle', async () => {
    const { code, output, junit } = await run(cases('killing'), ownServer);
    expect(output).toMatch(/The PostgreSQL server went away/);
    expect(output).not.toContain('Connection terminated');
    expect(junit).toContain('type="CannotRun"');
    expect(code).toBe(2);
  });

  test.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stops everything on %s and ends with %i', async ([signal, expected]) => {
    const { child, ended } = await start(cases('hanging'), ownServer);
    const port = await new Promise<number>((resolve) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        const found = /sleeping beside port (\d+)/.exec(chunk.toString());
        if (found) resolve(Number(found[1]));
      });
    });
    child.kill(signal);
    const { code, output, junit } = await ended();
    expect(output).toContain(`The run was interrupted by ${signal}.`);
    expect(junit).toEqual(obstacle(`The run was interrupted by ${signal}.`));
    expect(code).toBe(expected);
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
  });

  test('says no more than that when it is interrupted while the server boots', async () => {
    const state = await mkdtemp(join(tmpdir(), 'rowproof-runner-'));
    onTestFinished(() => rm(state, { recursive: true }));
    const watcher = watch(state);
    const begun = new Promise((resolve) => watcher.once('change', resolve));
    const { child, ended } = await start(cases('passing'), { ...ownServer, ROWPROOF_STATE_DIR: state });
    await begun;
    watcher.close();
    child.kill('SIGINT');
    const { code, output } = await ended();
    expect(output).toMatch(/The run was interrupted by SIGINT\.\nFix: Start it again\.\n$/);
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(130);
    expect(await readdir(state)).toEqual([]);
  });

  test('prints no password, and writes none', async () => {
    const env = { ...borrowedServer(), ROWPROOF_DATABASE_URL: 'postgres://me:h%40rd-t0-guess@127.0.0.1:1/postgres' };
    const { code, output, junit } = await run(cases('passing'), env);
    expect(output + junit).not.toMatch(/h(%40|@)rd-t0-guess/);
    expect(code).toBe(2);
  });

  test('is refused with one sentence and exit code 2, before anything is started', async () => {
    const { code, output, junit } = await run(['self'], { CI: 'true', ROWPROOF_SEED: '' });
    const sentence = 'A run in CI needs a seed, so that it can be repeated, and ROWPROOF_SEED is not set.';
    expect(output).toMatch(new RegExp(`^\\s*Report .*\\s+${sentence}\\nFix: Set ROWPROOF_SEED .*\\n$`));
    expect(junit).toEqual(obstacle(sentence));
    expect(code).toBe(2);
  });
});
