/** The doctor: says what works and what is left, removes leftovers only when asked. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { read } from '../../fixtures/servers/ledger.ts';
import { embedded, environment, killWatchdogOf, startOtherRun } from './servers-support.ts';

function doctor(env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<{ code: number; text: string }> {
  const program = join(import.meta.dirname, '../../scripts/doctor.ts');
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr });
    });
  });
}

test('the doctor names what works, and shows leftovers of a killed run; --clean removes them', async () => {
  const env = embedded();
  const killed = await startOtherRun(env);
  const [folder] = (await read(killed.access.ledger ?? '')).resources.flatMap((one) =>
    one.kind === 'folder' ? [one.path] : [],
  );
  killWatchdogOf(killed);
  await killed.kill();
  const seen = await doctor(env);
  expect(seen.code).toBe(0);
  expect(seen.text).toMatch(/^works {2}embedded PostgreSQL 17: 17\.\d+, ready in \d+ ms$/m);
  expect(seen.text).toMatch(/^works {2}embedded PostgreSQL 15: 15\.\d+/m);
  expect(seen.text).toMatch(/^no {5}container: Docker at tcp:\/\/127\.0\.0\.1:1 does not answer/m);
  expect(seen.text).toContain(`run ${killed.access.run}: folder ${folder}`);
  expect(existsSync(folder ?? '')).toBe(true);
  const cleaned = await doctor(env, '--clean');
  expect(cleaned.text).toContain(`Removed what the killed run ${killed.access.run} left`);
  expect(cleaned.text).toContain('Nothing is left of killed runs.');
  expect(existsSync(folder ?? '')).toBe(false);
});

test('the doctor ends with 2 when no kind of server works, and for an unknown option', async () => {
  const env = environment({ ROWPROOF_PG_PORT: 'none' });
  const { code, text } = await doctor(env);
  expect(code).toBe(2);
  expect(text).toMatch(/^no {5}embedded PostgreSQL 17: ROWPROOF_PG_PORT is not a port number: none\.$/m);
  expect((await doctor(env, '--nonsense')).code).toBe(2);
  expect((await doctor(env, '--help')).code).toBe(0);
});

test('a ledger that cannot be read ends with its path, and nothing is removed', async () => {
  const env = environment();
  const path = join(env['ROWPROOF_STATE_DIR'] ?? '', 'a1234567.json');
  await writeFile(path, '{"version":1,');
  const { code, text } = await doctor(env);
  expect(code).toBe(2);
  expect(text).toContain(`The ledger ${path} cannot be read.`);
  expect(existsSync(path)).toBe(true);
});
