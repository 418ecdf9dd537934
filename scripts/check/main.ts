/** From the words of `check` to an exit code: boots, checks, stops, reports. */

import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Checked, check } from '../../fixtures/engine/check.ts';
import { fails } from '../../fixtures/engine/telling.ts';
import { openLab } from '../../fixtures/lab/lab.ts';
import { findProject } from '../../fixtures/migrate/project.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import { CannotRun } from '../../fixtures/model/errors.ts';
import type { Staging } from '../../fixtures/model/project.ts';
import type { ServerAccess } from '../../fixtures/model/server.ts';
import { stateDigest } from '../../fixtures/mutate/digest.ts';
import type { WatchedGuard } from '../../fixtures/mutate/score.ts';
import { bootServer } from '../../fixtures/servers/boot.ts';
import { type CheckRun, findingsFile, junitReport } from '../../reports/checked.ts';
import type { FindingsFile } from '../../reports/findings.ts';
import { guardsLine } from '../../reports/mutation-tables.ts';
import { shellWord, toScreen, verdictLine } from '../../reports/screen.ts';
import { redactAll, secretsOf } from '../../reports/secrets.ts';
import { painter } from '../../reports/terminal.ts';
import { demandWritable, readWatched, removeReports, writeFindings, writeReports } from '../../reports/write.ts';
import { loadAttacks } from '../../suites/load-attacks.ts';
import { asksForHelp } from '../run/help.ts';
import { type Interruption, interruption } from '../run/interruption.ts';
import { lookAtProject } from '../run/project.ts';
import { CHECK_HELP, type CheckCommand, readCheck } from './command.ts';
import { complain } from './complain.ts';
import { commandLine, root, typedAs } from './places.ts';
import { type Progress, showProgress } from './progress.ts';

type Env = NodeJS.ProcessEnv;

/** Checks and reports; throws nothing. @returns 0 clean, 1 findings, 2 could not run, 130 or 143 interrupted */
export async function main(argv: readonly string[], env: Env): Promise<number> {
  if (asksForHelp(argv)) {
    console.log(CHECK_HELP);
    return 0;
  }
  using interrupted = interruption();
  try {
    const command = readCheck(argv, env);
    await removeReports(command.out);
    const attacks = await chosen(command.only);
    await lookAtProject(command.folder, staging(command));
    await demandWritable(command.out);
    const file = await run(command, attacks, env, interrupted);
    console.log(command.quiet ? verdictLine(file, painter(process.stdout)) : await screen(file, command, env));
    return exitCode(file, command);
  } catch (error) {
    return interrupted.exitCode() ?? complain(error, env);
  }
}

function staging({ to, platform, defaultGrants }: CheckCommand): Staging {
  return {
    ...(to === undefined ? {} : { to }),
    ...(platform === undefined ? {} : { platform }),
    ...(defaultGrants === undefined ? {} : { defaultGrants }),
  };
}

/** @throws CannotRun where neither an attack nor a group has that name. */
async function chosen(only: string | undefined): Promise<readonly Attack[]> {
  const attacks = await loadAttacks();
  if (only === undefined) return attacks;
  const found = attacks.filter(({ id, group }) => id === only || group === only.replaceAll('-', ' '));
  if (found.length > 0) return found;
  const groups = [...new Set(attacks.map(({ group }) => group))].join(', ');
  throw new CannotRun(
    `There is no attack or group \`${only}\`.`,
    `Groups are ${groups}; docs/attacks.md lists the attacks.`,
  );
}

async function run(
  command: CheckCommand,
  attacks: readonly Attack[],
  env: Env,
  interrupted: Interruption,
): Promise<FindingsFile> {
  const started = new Date();
  using progress = showProgress(process.stderr, !command.quiet);
  progress.stage('starting the server');
  const say = (line: string) => (command.quiet ? undefined : console.error(line));
  const server = await bootServer({ env, say, signal: interrupted.signal });
  const booted = performance.now();
  // Whatever waits for the server ends with it.
  interrupted.signal.addEventListener('abort', () => void server.stop());
  try {
    const checked = await examined(server.access, command, attacks, progress);
    const about = await facts(command, { access: server.access, summary: server.summary }, started, { start: booted });
    progress.stage('stopping the server');
    await server.stop();
    interrupted.signal.throwIfAborted();
    return await report(checked, about, command, secretsOf(env, server.access));
  } finally {
    await server.stop();
  }
}

async function examined(
  access: ServerAccess,
  command: CheckCommand,
  attacks: readonly Attack[],
  progress: Progress,
): Promise<Checked> {
  await using lab = openLab(access);
  progress.stage('applying the migrations and making rows');
  let trying = false;
  const checked = await check(lab, {
    project: command.folder,
    attacks,
    seed: command.seed,
    ...staging(command),
    continueOnError: true,
    overHttp: true,
    workers: command.workers,
    today: new Date().toISOString().slice(0, 10),
    onProgress: (done, total) => {
      if (!trying) progress.stage('trying surfaces');
      trying = true;
      progress.at(done, total);
    },
  });
  return checked;
}

async function facts(
  command: CheckCommand,
  { access, summary }: { readonly access: ServerAccess; readonly summary: string },
  started: Date,
  stages: CheckRun['stages'],
): Promise<CheckRun> {
  const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return {
    version,
    server: { version: access.version, kind: access.kind, run: access.run, summary },
    seed: command.seed,
    folder: command.folder,
    stage: command.to ?? 'head',
    failOn: command.failOn,
    started,
    milliseconds: performance.now(),
    stages,
    replay: repeated(command),
  };
}

/** The command that does the same again. */
function repeated({ folder, seed, to, platform, only, defaultGrants }: CheckCommand): string {
  const flags = Object.entries({ seed: String(seed), to, platform, only, 'default-grants': defaultGrants });
  const given = flags.flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${shellWord(value)}`]));
  return ['npm run check --', shellWord(folder), ...given].join(' ');
}

async function report(
  checked: Checked,
  about: CheckRun,
  { out }: CheckCommand,
  secrets: readonly string[],
): Promise<FindingsFile> {
  const file = redactAll(findingsFile(checked, about), secrets);
  await writeFindings(out, file);
  await writeReports(out, redactAll(junitReport(checked, about), secrets));
  return file;
}

async function screen(file: FindingsFile, command: CheckCommand, env: Env): Promise<string> {
  const { out } = command;
  const near = relative(process.cwd(), out);
  const watched = await watchedGuards(command);
  return toScreen(file, {
    paint: painter(process.stdout),
    replay: commandLine(env, 'replay'),
    out: near.startsWith('..') ? out : near || '.',
    guards: guardsLine(watched, `${commandLine(env, 'mutate')} ${shellWord(typedAs(env, command.folder))}`),
  });
}

/** Null: the project was not mutated since it is as it is; only its head ever is. */
async function watchedGuards(command: CheckCommand): Promise<readonly WatchedGuard[] | null> {
  if (command.to !== undefined) return null;
  const project = await findProject(command.folder, staging(command));
  const known = await readWatched(command.out, { name: project.name, state: await stateDigest(project, root) });
  return known?.guards ?? null;
}

function exitCode(
  { findings, questions, unknown, migrations }: FindingsFile,
  { failOn, strict }: CheckCommand,
): number {
  const serious = findings.some((finding) => fails(finding, failOn));
  const open = questions.length + unknown.length + migrations.failed.length;
  return serious || (strict && open > 0) ? 1 : 0;
}
