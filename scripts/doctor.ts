/** `npm run doctor [-- --clean]`: tells what works on this machine, what to install for the rest, and what killed runs left. */

import './require-node24.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { CannotRun } from '../fixtures/model/errors.ts';
import type { ServerKind } from '../fixtures/model/server.ts';
import { bootServer } from '../fixtures/servers/boot.ts';
import { chooseImage } from '../fixtures/servers/container.ts';
import { hasImage, probeDocker } from '../fixtures/servers/docker-probe.ts';
import { choosePostgrest } from '../fixtures/servers/postgrest-container.ts';
import { findLeftovers, nameOf, sweep } from '../fixtures/servers/sweep.ts';
import { complain } from './check/complain.ts';
import { commandLine } from './check/places.ts';
import { readWords } from './check/words.ts';
import { asksForHelp } from './run/help.ts';
import { type Interruption, interruption } from './run/interruption.ts';

const HELP = `npm run doctor              what works here, what to install for the rest, what killed runs left
npm run doctor -- --clean   also removes what killed runs left

The server is chosen by ROWPROOF_SERVER=embedded|container|external:
  embedded    ROWPROOF_PG_MAJOR=17|15, ROWPROOF_PG_PORT, ROWPROOF_PG_DATA=<folder>
  container   ROWPROOF_PG_IMAGE, DOCKER_HOST
  external    ROWPROOF_DATABASE_URL, ROWPROOF_ALLOW_REMOTE=<host>
The front door is chosen by ROWPROOF_DOOR=postgrest|gateway; ROWPROOF_POSTGREST_IMAGE
Ledgers of runs are kept in ROWPROOF_STATE_DIR (default: rowproof in $XDG_STATE_HOME or ~/.local/state).
Exit code: 0 at least one kind of server works, 2 none does.`;

interface Check {
  readonly name: string;
  readonly works: boolean;
  readonly detail: string;
  /** What to do about it; '' when it works. */
  readonly fix: string;
}

process.exit(await main(process.argv.slice(2), process.env));

async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  if (asksForHelp(argv)) {
    console.log(HELP);
    return 0;
  }
  using interrupted = interruption();
  try {
    const options = readOptions(argv, env);
    show({ name: 'Node', works: true, detail: process.version, fix: '' });
    const servers = await checkServers(env, interrupted);
    show(await checkDoor(env));
    if (options.clean) await clean(env, interrupted);
    await showLeftovers(env);
    return interrupted.exitCode() ?? (servers.some(({ works }) => works) ? 0 : 2);
  } catch (error) {
    return interrupted.exitCode() ?? complain(error, env);
  }
}

function readOptions(argv: readonly string[], env: NodeJS.ProcessEnv): { readonly clean: boolean } {
  const { on, words } = readWords('doctor', argv, { clean: { type: 'boolean' } }, env);
  if (words.length > 0)
    throw new CannotRun(
      `\`doctor\` takes no \`${words.join(' ')}\`.`,
      `\`${commandLine(env, 'doctor')} --help\` says more.`,
    );
  return { clean: on.has('clean') };
}

async function checkServers(env: NodeJS.ProcessEnv, interrupted: Interruption): Promise<readonly Check[]> {
  const checks: Check[] = [];
  const add = (check: Check) => {
    checks.push(check);
    show(check);
  };
  for (const major of ['17', '15']) {
    add(await tryServer(`embedded PostgreSQL ${major}`, 'embedded', { ...env, ROWPROOF_PG_MAJOR: major }, interrupted));
    interrupted.signal.throwIfAborted();
  }
  add(await checkContainer(env, interrupted));
  interrupted.signal.throwIfAborted();
  add(await checkExternal(env, interrupted));
  return checks;
}

/** Boots and stops one. With ledgers of its own: what killed runs left is shown first, and removed only when asked. */
async function tryServer(
  name: string,
  kind: ServerKind,
  env: NodeJS.ProcessEnv,
  { signal }: Interruption,
): Promise<Check> {
  const state = await mkdtemp(join(tmpdir(), 'rowproof-doctor-'));
  const start = performance.now();
  try {
    const trial = { ...env, ROWPROOF_SERVER: kind, ROWPROOF_STATE_DIR: state };
    await using server = await bootServer({ env: trial, say: () => undefined, signal });
    return {
      name,
      works: true,
      detail: `${server.access.version}, ready in ${Math.round(performance.now() - start)} ms`,
      fix: '',
    };
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    return { name, works: false, detail: error.message, fix: error.fix };
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

async function checkContainer(env: NodeJS.ProcessEnv, interrupted: Interruption): Promise<Check> {
  const name = 'container';
  const docker = await probeDocker(env);
  if (!docker.up) {
    const fix = 'Install and start Docker (on Debian, as root: eval "$(.ci/docker-up.sh)"), or set DOCKER_HOST.';
    return { name, works: false, detail: `Docker ${docker.why}`, fix };
  }
  const image = chooseImage(env);
  if (!(await hasImage(env, docker.endpoint, image))) {
    return {
      name,
      works: false,
      detail: `Docker ${docker.version} answers, without ${image}`,
      fix: `docker pull ${image}; or name another by ROWPROOF_PG_IMAGE.`,
    };
  }
  return await tryServer(`${name} ${image}`, 'container', env, interrupted);
}

/** Whether requests are answered by PostgREST itself; the gateway answers everywhere. */
async function checkDoor(env: NodeJS.ProcessEnv): Promise<Check> {
  const image = choosePostgrest(env);
  const name = 'front door by PostgREST';
  const docker = await probeDocker(env);
  const works = docker.up && (await hasImage(env, docker.endpoint, image));
  const detail = !docker.up
    ? `Docker ${docker.why}`
    : works
      ? image
      : `Docker ${docker.version} answers, without ${image}`;
  const fix = `The gateway stands in. ${docker.up ? `docker pull ${image}; or name another by ROWPROOF_POSTGREST_IMAGE.` : 'PostgREST wants a server in a container.'}`;
  return { name, works, detail, fix };
}

async function checkExternal(env: NodeJS.ProcessEnv, interrupted: Interruption): Promise<Check> {
  if (!isConfigured(env)) {
    return {
      name: 'external',
      works: false,
      detail: 'not configured',
      fix: 'Set ROWPROOF_DATABASE_URL=postgresql://user:password@localhost:5432/postgres.',
    };
  }
  return await tryServer('external', 'external', env, interrupted);
}

function isConfigured(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env['ROWPROOF_DATABASE_URL'] || (env['DATABASE_URL'] && env['ROWPROOF_SERVER'] === 'external'));
}

/** What lies on an external server can be removed while its URL is given: booting there sweeps it. */
async function clean(env: NodeJS.ProcessEnv, { signal }: Interruption): Promise<void> {
  console.log('');
  await sweep({ env, say: console.log });
  if (!isConfigured(env)) return;
  const quiet = (line: string) => {
    if (!line.startsWith('PostgreSQL ')) console.log(line);
  };
  await using _server = await bootServer({ env: { ...env, ROWPROOF_SERVER: 'external' }, say: quiet, signal });
}

async function showLeftovers(env: NodeJS.ProcessEnv): Promise<void> {
  const leftovers = await findLeftovers(env);
  console.log(leftovers.length === 0 ? '\nNothing is left of killed runs.' : '\nLeft of killed runs:');
  for (const { path, entry } of leftovers) {
    for (const resource of entry.resources) {
      console.log(`  run ${entry.run}: ${nameOf(resource)}`);
      if (resource.kind === 'external')
        console.log(
          `    removed when that server is given by ROWPROOF_DATABASE_URL; if it is gone for good, delete ${path}`,
        );
    }
  }
  if (leftovers.length > 0) console.log('Remove it by npm run doctor -- --clean, or by the next run.');
}

function show({ name, works, detail, fix }: Check): void {
  const mark = works
    ? styleText('green', 'works', { stream: process.stdout })
    : styleText('yellow', 'no   ', { stream: process.stdout });
  console.log(`${mark}  ${name}: ${detail}`);
  if (!works) console.log(`       ${fix}`);
}
