/** `.ci/run` with stand-ins for npm and Docker: what it calls, when it fails, and the line it ends with. */

import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { toJUnit } from '../../reports/junit.ts';
import { clean, report } from './sample-run.ts';

const root = join(import.meta.dirname, '../..');

interface Given {
  /** The report that a leg leaves behind. */
  readonly embedded: string;
  readonly container: string;
  /** How a leg ends. */
  readonly codes?: { readonly embedded?: number; readonly mutants?: number; readonly container?: number };
  /** How `docker-up.sh` ends. */
  readonly docker?: number;
}

/** Runs `.ci/run` in a folder of its own; `calls` is what it called, in order. */
async function ci({ embedded, container, codes = {}, docker = 0 }: Given): Promise<{
  code: number | null;
  lines: readonly string[];
  calls: readonly string[];
}> {
  const folder = await mkdtemp(join(tmpdir(), 'rowproof-ci-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const part of ['.ci', 'bin', 'reports/out']) await mkdir(join(folder, part), { recursive: true });
  await copyFile(join(root, '.ci/run'), join(folder, '.ci/run'));
  await writeFile(join(folder, 'embedded.xml'), embedded);
  await writeFile(join(folder, 'container.xml'), container);
  const npm = `#!/bin/sh
echo "npm $* $ROWPROOF_SERVER $ROWPROOF_PG_MAJOR $ROWPROOF_SEED $DOCKER_HOST" | tr -s ' ' >> calls
[ "$1" = ci ] && exit 0
[ "$2" = mutate ] && exit ${codes.mutants ?? 0}
cp "$ROWPROOF_SERVER.xml" reports/out/junit.xml
[ "$ROWPROOF_SERVER" = embedded ] && exit ${codes.embedded ?? 0}
exit ${codes.container ?? 0}
`;
  const engine = `#!/bin/sh
echo "docker $*" >> calls
[ "$1" = down ] && exit 0
echo "export DOCKER_HOST=unix://engine"
exit ${docker}
`;
  await install(join(folder, 'bin/npm'), npm);
  await install(join(folder, '.ci/docker-up.sh'), engine);
  const env = { PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}` };
  const ended = spawnSync('bash', [join(folder, '.ci/run')], { env, encoding: 'utf8' });
  const calls = (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
  return { code: ended.status, lines: ended.stdout.trim().split('\n'), calls: calls.map((call) => call.trim()) };
}

async function install(path: string, script: string): Promise<void> {
  await writeFile(path, script);
  await chmod(path, 0o755);
}

const onContainer = toJUnit({ ...clean, server: 'PostgreSQL 17.10, container (asked for)' });
const onEmbedded = toJUnit({ ...clean, server: 'PostgreSQL 17.10, embedded (asked for)' });

describe('.ci/run', () => {
  test('runs everything on embedded, the catalogue on both majors, mutants, acceptance and some faults on a container, and counts all', async () => {
    const { code, lines, calls } = await ci({ embedded: onEmbedded, container: onContainer });
    expect(calls).toEqual([
      'npm ci 20260101',
      'npm test embedded 20260101',
      'npm run test:chaos embedded 20260101',
      'npm run test:catalogue embedded 17 20260101',
      'npm run test:catalogue embedded 15 20260101',
      'npm run mutate -- supabase/memory --tests embedded 20260101',
      'npm run mutate -- supabase/messaging --tests embedded 20260101',
      'npm run mutate -- supabase/core --guards embedded 20260101',
      'npm run mutate -- supabase/posts --guards embedded 20260101',
      'docker',
      'npm run test:acceptance container 20260101 unix://engine',
      'npm run test:chaos -- chaos/scenarios.test chaos/sweep-memory container 20260101 unix://engine',
      'docker down',
    ]);
    expect(lines.at(-1)).toBe('6 passed, 0 failed');
    expect(code).toBe(0);
  });

  test('stops at a failing embedded leg, with its exit code and its counts', async () => {
    const { code, lines, calls } = await ci({
      embedded: toJUnit(report),
      container: onContainer,
      codes: { embedded: 1 },
    });
    expect(calls).not.toContain('docker');
    expect(lines.at(-1)).toBe('1 passed, 3 failed');
    expect(code).toBe(1);
  });

  test('fails where a mutant survives', async () => {
    const { code, calls } = await ci({ embedded: onEmbedded, container: onContainer, codes: { mutants: 1 } });
    expect(calls).not.toContain('docker');
    expect(code).toBe(1);
  });

  test('fails with a failing container leg', async () => {
    const { code } = await ci({ embedded: onEmbedded, container: onContainer, codes: { container: 2 } });
    expect(code).toBe(2);
  });

  test('fails when a container leg ran on another server', async () => {
    const { code } = await ci({ embedded: onEmbedded, container: onEmbedded });
    expect(code).toBe(2);
  });

  test('fails when Docker cannot be had', async () => {
    const { code, calls } = await ci({ embedded: onEmbedded, container: onContainer, docker: 1 });
    expect(code).toBe(1);
    expect(calls.at(-1)).toBe('docker down');
  });
});
