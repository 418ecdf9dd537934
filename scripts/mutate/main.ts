/** From the words of `mutate` to an exit code: boots, mutates, stops, reports. */

import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { openLab } from '../../fixtures/lab/lab.ts';
import { findProject } from '../../fixtures/migrate/project.ts';
import type { Server } from '../../fixtures/model/server.ts';
import { folderDigest, stateDigest } from '../../fixtures/mutate/digest.ts';
import { loadOperators } from '../../fixtures/mutate/load-operators.ts';
import { bootServer } from '../../fixtures/servers/boot.ts';
import {
  isSound,
  type MutationFacts,
  type MutationFile,
  mutationFile,
  type WatchFile,
} from '../../reports/mutation.ts';
import { mutationJUnit } from '../../reports/mutation-junit.ts';
import { mutationVerdict, toMutationScreen } from '../../reports/mutation-screen.ts';
import { watchTable } from '../../reports/mutation-tables.ts';
import { shellWord } from '../../reports/screen.ts';
import { redactAll, secretsOf } from '../../reports/secrets.ts';
import { painter } from '../../reports/terminal.ts';
import { demandWritable, readWatched, removeMutation, writeMutation } from '../../reports/write.ts';
import { complain } from '../check/complain.ts';
import { commandLine, root, typedAs } from '../check/places.ts';
import { showProgress } from '../check/progress.ts';
import { staging } from '../check/project.ts';
import { asksForHelp } from '../run/help.ts';
import { type Interruption, interruption } from '../run/interruption.ts';
import { lookAtProject } from '../run/project.ts';
import { MUTATE_HELP, type MutateCommand, readMutate } from './command.ts';
import { testsFolder } from './tests.ts';
import { type Digests, type Tried, tryMutants } from './tried.ts';
import { watchTable as testTable, watchCount } from './watch-table.ts';

type Env = NodeJS.ProcessEnv;

/** Mutates and reports; throws nothing. @returns 0 nothing survived, 1 something did, 2 could not run, 130 or 143 interrupted */
export async function main(argv: readonly string[], env: Env): Promise<number> {
  if (asksForHelp(argv)) {
    console.log(MUTATE_HELP);
    return 0;
  }
  using interrupted = interruption();
  try {
    const command = readMutate(argv, env);
    if (command === 'operators') return await listOperators();
    await lookAtProject(command.folder, staging(command));
    const state = await stateDigest(await findProject(command.folder, staging(command)), root);
    const tests = command.tests ? await folderDigest(join(root, testsFolder(root, command.folder))) : null;
    const known = command.map && !command.fresh ? await lastWatched(command, state, tests) : null;
    if (known !== null) return showMap(known);
    await removeMutation(command.out);
    await demandWritable(command.out);
    const file = await run(command, { state, tests }, env, interrupted);
    console.log(screen(file, command, env));
    return exitCode(file);
  } catch (error) {
    return interrupted.exitCode() ?? complain(error, env);
  }
}

async function listOperators(): Promise<number> {
  const operators = await loadOperators();
  const width = Math.max(...operators.map(({ id }) => id.length));
  for (const { id, explains } of operators) console.log(`${id.padEnd(width)}  ${explains}`);
  return 0;
}

async function lastWatched(
  { folder, out, seed }: MutateCommand,
  state: string,
  tests: string | null,
): Promise<WatchFile | null> {
  const { name } = await findProject(folder);
  const watched = await readWatched(out, { name, state });
  return watched?.seed === seed && watched.tests === tests ? watched : null;
}

function rounded(stages: { readonly [stage: string]: number }): { readonly [stage: string]: number } {
  return Object.fromEntries(Object.entries(stages).map(([name, milliseconds]) => [name, Math.round(milliseconds)]));
}

function showMap(known: WatchFile): number {
  console.log(mapOf(known));
  const open = known.guards.some(({ survived }) => survived > 0);
  return open || !known.watches.every(isSound) ? 1 : 0;
}

function mapOf({ guards, watches }: Pick<WatchFile, 'guards' | 'watches'>): string {
  const tests = watches.length === 0 ? [] : ['', ...testTable(watches)];
  return [watchTable(guards, painter(process.stdout)), ...tests].join('\n');
}

async function run(
  command: MutateCommand,
  digests: Digests,
  env: Env,
  interrupted: Interruption,
): Promise<MutationFile> {
  const started = new Date();
  using progress = showProgress(process.stderr, !command.quiet);
  progress.stage('starting the server');
  const say = (line: string) => (command.quiet ? undefined : console.error(line));
  const server = await bootServer({ env, say, signal: interrupted.signal });
  const start = performance.now();
  // Whatever waits for the server ends with it.
  interrupted.signal.addEventListener('abort', () => void server.stop());
  try {
    const secrets = secretsOf(env, server.access);
    await using lab = openLab(server.access);
    const tried = await tryMutants(lab, command, { digests, secrets, progress, interrupted });
    progress.stage('stopping the server');
    await server.stop();
    interrupted.signal.throwIfAborted();
    const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const file = redactAll(
      mutationFile(tried, facts(tried, command, server, { version, digests, started, start })),
      secrets,
    );
    const junit = mutationJUnit(file, { replay: repeated(command), server: server.summary });
    await writeMutation(command.out, file, redactAll(junit, secrets));
    return file;
  } finally {
    await server.stop();
  }
}

function facts(
  tried: Tried,
  { folder, seed, only, since, guards }: MutateCommand,
  { access }: Pick<Server, 'access'>,
  about: { readonly version: string; readonly digests: Digests; readonly started: Date; readonly start: number },
): MutationFacts {
  return {
    version: about.version,
    server: { version: access.version, kind: access.kind },
    seed,
    state: about.digests.state,
    scope: { only: only ?? null, since: since ?? null, tests: about.digests.tests, guards },
    run: {
      id: access.run,
      started: about.started.toISOString(),
      milliseconds: Math.round(performance.now()),
      stages: rounded({ start: about.start, ...tried.milliseconds }),
      probes: tried.probes,
      resumed: tried.resumed,
      folder,
    },
  };
}

/** The command that does the same again. */
function repeated({ folder, seed, platform, only, since, tests, guards, defaultGrants }: MutateCommand): string {
  const flags = Object.entries({ seed: String(seed), platform, only, since, 'default-grants': defaultGrants });
  const given = flags.flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${shellWord(value)}`]));
  return ['npm run mutate --', shellWord(folder), ...given, ...(guards ? ['--guards'] : tests ? ['--tests'] : [])].join(
    ' ',
  );
}

function screen(file: MutationFile, command: MutateCommand, env: Env): string {
  const paint = painter(process.stdout);
  if (command.quiet) return command.guards ? watchCount(file.watches) : mutationVerdict(file, paint);
  if (command.map) return mapOf(file);
  if (command.guards) return testTable(file.watches).join('\n');
  const near = relative(process.cwd(), command.out);
  return toMutationScreen(file, {
    paint,
    out: near.startsWith('..') ? command.out : near || '.',
    again: `${commandLine(env, 'mutate')} ${shellWord(typedAs(env, command.folder))}`,
  });
}

/** Where no mutant could be tried, nothing was proved; but what has not changed since a ref needs no proof. */
function exitCode({ score, scope, mutants, watches }: MutationFile): number {
  if (score.survived > 0 || !watches.every(isSound)) return 1;
  const nothingNew = scope.since !== null && mutants.length === 0;
  return score.killed + score.equivalent > 0 || nothingNew ? 0 : 2;
}
