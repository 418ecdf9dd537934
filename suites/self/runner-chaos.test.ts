/** A run of tests under faults, run as people run it: what they tell becomes a report, a screen and an exit code. */

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { ChaosFile } from '../../reports/chaos.ts';
import schema from '../../reports/chaos_report.schema.json' with { type: 'json' };

const root = join(import.meta.dirname, '../..');

async function run(...args: readonly string[]) {
  const reports = await mkdtemp(join(tmpdir(), 'rowproof-runner-'));
  onTestFinished(() => rm(reports, { recursive: true }));
  const { host, port, admin, maintenanceDatabase } = inject('server');
  const user = `${encodeURIComponent(admin.user)}:${encodeURIComponent(admin.password)}`;
  const { PATH = '', HOME = '' } = process.env;
  const config = ['--config', 'suites/self/runner/vitest.config.ts', 'runner/telling'];
  const child = spawn(process.execPath, ['scripts/test.ts', 'self', ...config, ...args], {
    cwd: root,
    env: {
      ...{ PATH, HOME, ROWPROOF_SEED: '7', ROWPROOF_REPORTS: reports, ROWPROOF_STATE_DIR: join(reports, 'state') },
      ROWPROOF_SERVER: 'external',
      ROWPROOF_DATABASE_URL: `postgres://${user}@${host}:${port}/${maintenanceDatabase}`,
      ROWPROOF_ALLOW_REMOTE: host,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const output = await Promise.all([text(child.stdout), text(child.stderr)]);
  const written = await readFile(join(reports, 'chaos_report.json'), 'utf8');
  const file: ChaosFile = JSON.parse(written);
  return {
    code: await ended,
    output: output.join(''),
    written,
    file,
    junit: await readFile(join(reports, 'junit.xml'), 'utf8'),
  };
}

test('a sweep that is not held ends with 1: its cells are in the report, its acts in JUnit, and no password anywhere', async () => {
  const { code, output, written, file, junit } = await run();
  expect(code).toBe(1);
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema);
  expect(validate(file), JSON.stringify(validate.errors)).toBe(true);
  expect(file).toMatchObject({ verdict: 'broken', seed: 7, full: false, sweep: { broken: 1, unknown: 1 } });
  expect(file.run.replay).toContain('ROWPROOF_SEED=7 ');
  expect(output).toContain('Not held: 1 of 2 scenarios held (1 warning); 6 of 8 cells held, 4 cannot occur');
  expect(output).toMatch(/^ {2}terminated +–¹ +–¹ +1 +0 \?1 +0 ✗1$/m);
  expect(output).not.toMatch(/NotHeld[^\n]*\n\s+❯/);
  expect(junit).toContain('tests="5" failures="2" errors="0" skipped="0"');
  expect(junit).toContain('<failure message="1 of 5 cells not held"');
  const { password } = inject('server').admin;
  for (const text of [output, written, junit]) expect(text).not.toContain(password);
});

test('a warning that is broken is shown, and ends with 0', async () => {
  const { code, output, file, junit } = await run('-t', 'C-0');
  expect(code).toBe(0);
  expect(file).toMatchObject({ verdict: 'held', sweep: null });
  expect(output).toMatch(/^! C-04 core {2}replication lag +warning/m);
  expect(output).toContain('0.80 s  ││  claim     ✗ no write passes (3 of 3 passed)');
  expect(junit).toContain('C-04 core is not held: no write passes (3 of 3 passed)');
  expect(junit).toContain('tests="2" failures="0"');
});
