/** From arguments to an exit code: runs the suites, then reports, whatever happened. */

import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { ServerAccess } from '../../fixtures/model/server.ts';
import type { Obstacle, RunReport } from '../../reports/run.ts';
import { countTests } from '../../reports/run.ts';
import { guard, redact, redactAll, secretsOf } from '../../reports/secrets.ts';
import { painter, toTerminal } from '../../reports/terminal.ts';
import { removeChaos, removeReports, writeReports } from '../../reports/write.ts';
import { reportChaos } from './chaos.ts';
import { type Command, readCommand } from './command.ts';
import { asksForHelp, HELP } from './help.ts';
import { interruption } from './interruption.ts';
import { lookAtProject } from './project.ts';
import { runTests, type Surroundings, type TestsRun } from './tests.ts';

const root = join(import.meta.dirname, '../..');

/**
 * Runs and reports; throws nothing.
 * @returns 0 clean, 1 findings or failed tests, 2 could not run, 130 or 143 interrupted
 */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  if (asksForHelp(argv)) {
    console.log(HELP);
    return 0;
  }
  let secrets = secretsOf(env, null);
  const hide = (access: ServerAccess) => {
    secrets = secretsOf(env, access);
  };
  const guards = [process.stdout, process.stderr].map((stream) =>
    guard(stream, (text) => redact(plain(stream, env, text), secrets)),
  );
  using interrupted = interruption();
  const started = new Date();
  await removeReports(reportsFolder(env));
  const outcome = await attempt(argv, { env, root, say: console.log, interrupted, hide });
  const report = redactAll(describe(outcome, started, performance.now(), interrupted.name()), secrets);
  const written = (await writeOwn(outcome, started, env)) && (await write(report, env));
  const code = interrupted.exitCode() ?? (written ? exitCode(report) : 2);
  for (const release of guards) release();
  return code;
}

/** Vitest colours its lines whatever they are written to. */
function plain(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv, text: string): string {
  return stream.isTTY || env.FORCE_COLOR ? text : stripVTControlCharacters(text);
}

interface Attempt {
  readonly command: Command | null;
  readonly run: TestsRun | null;
  readonly obstacle: Obstacle | null;
}

async function attempt(argv: readonly string[], around: Surroundings): Promise<Attempt> {
  let command: Command | null = null;
  try {
    command = readCommand(argv, around.env);
    if (command.suites.includes('chaos')) await removeChaos(reportsFolder(around.env));
    if (command.project !== null) console.log(await lookAtProject(command.project, command.staging));
    if (command.drawn) console.log(`Seed ${command.seed} (drawn; set ROWPROOF_SEED to repeat it)`);
    const run = await runTests(command, around);
    return { command, run, obstacle: run.obstacle };
  } catch (error) {
    // Whatever an interruption broke is no news.
    const obstacle = around.interrupted.signal.aborted ? null : obstacleOf(error);
    return { command, run: null, obstacle };
  }
}

function obstacleOf(error: unknown): Obstacle {
  if (!(error instanceof Error)) return { sentence: `Rowproof itself broke: ${String(error)}`, fix: bugFix };
  if (error.name === 'CannotRun' && 'fix' in error) return { sentence: error.message, fix: String(error.fix) };
  console.error(error.stack);
  return { sentence: `Rowproof itself broke: ${error.message}`, fix: bugFix };
}

const bugFix = 'This is a bug in Rowproof; report it with the lines above.';

function describe(
  { command, run, obstacle }: Attempt,
  started: Date,
  milliseconds: number,
  signal: string | null,
): RunReport {
  const interrupted =
    signal === null ? null : { sentence: `The run was interrupted by ${signal}.`, fix: 'Start it again.' };
  return {
    suite: command?.suites.join('+') ?? 'run',
    started: started.toISOString().slice(0, 19),
    milliseconds,
    seed: command?.seed ?? null,
    server: run?.server ?? null,
    replay: command?.replay ?? '',
    stages: run?.stages ?? [],
    firstVerdict: run?.firstVerdict ?? null,
    groups: run?.groups ?? [],
    summaries: run?.summaries ?? [],
    obstacle: interrupted ?? obstacle ?? (command?.project ? brokenExamination(run) : null),
    strict: command?.strict ?? false,
  };
}

function reportsFolder(env: NodeJS.ProcessEnv): string {
  return env.ROWPROOF_REPORTS ? resolve(env.INIT_CWD ?? '.', env.ROWPROOF_REPORTS) : join(root, 'reports/out');
}

/** On somebody's project an error is neither a finding nor a silence: the examination itself broke. */
function brokenExamination(run: TestsRun | null): Obstacle | null {
  const broken = run?.groups.flatMap(({ tests }) => tests).find(({ outcome }) => outcome.state === 'error');
  if (broken?.outcome.state !== 'error') return null;
  return { sentence: `Rowproof itself broke while it examined the project: ${broken.outcome.message}`, fix: bugFix };
}

/** What was held under faults, where the run could do its job. */
async function writeOwn({ command, run, obstacle }: Attempt, started: Date, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (command === null || run === null || obstacle !== null) return true;
  try {
    await reportChaos({ command, run, folder: reportsFolder(env), started, root, env });
    return true;
  } catch (error) {
    complain(obstacleOf(error));
    return false;
  }
}

async function write(report: RunReport, env: NodeJS.ProcessEnv): Promise<boolean> {
  const folder = reportsFolder(env);
  const { passed, failed } = countTests(report);
  if (report.obstacle === null || passed + failed > 0) console.log(toTerminal(report, painter(process.stdout)));
  try {
    console.log(`  Report   ${await writeReports(folder, report)}`);
  } catch (error) {
    complain(obstacleOf(error));
    return false;
  }
  const { skipped, undecided } = countTests(report);
  if (report.obstacle) complain(report.obstacle);
  else if (report.strict && undecided > 0)
    console.error(`\n${undecided} undecided: --strict counts every question and unknown as a failure.`);
  else if (skipped > 0) console.error(`\nA skipped test proves nothing, so ${skipped} skipped counts as a failure.`);
  return true;
}

function complain({ sentence, fix }: Obstacle): void {
  console.error(`\n${sentence}\nFix: ${fix}`);
}

function exitCode(report: RunReport): number {
  if (report.obstacle) return 2;
  const { failed, skipped, errors, undecided } = countTests(report);
  return failed + skipped + errors + (report.strict ? undecided : 0) > 0 ? 1 : 0;
}
