/** From the words of `chaos` to an exit code: boots, sweeps, stops, reports. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSwitchboard } from '../../chaos/line.ts';
import type { ChaosNotes } from '../../chaos/model.ts';
import { openOwnGround } from '../../chaos/own-ground.ts';
import { sweepProject } from '../../chaos/project.ts';
import { openLab } from '../../fixtures/lab/lab.ts';
import type { Server, ServerAccess } from '../../fixtures/model/server.ts';
import { bootServer } from '../../fixtures/servers/boot.ts';
import { type ChaosFile, chaosFile } from '../../reports/chaos.ts';
import { chaosJUnit } from '../../reports/chaos-junit.ts';
import { chaosVerdict } from '../../reports/chaos-screen.ts';
import { shellWord } from '../../reports/screen.ts';
import { redactAll, secretsOf } from '../../reports/secrets.ts';
import { painter } from '../../reports/terminal.ts';
import { demandWritable, removeChaos, writeChaosJUnit } from '../../reports/write.ts';
import { complain } from '../check/complain.ts';
import { commandLine, root, typedAs } from '../check/places.ts';
import { type Progress, showProgress } from '../check/progress.ts';
import { staging } from '../check/project.ts';
import { writtenChaos } from '../run/chaos.ts';
import { asksForHelp } from '../run/help.ts';
import { type Interruption, interruption } from '../run/interruption.ts';
import { lookAtProject } from '../run/project.ts';
import { CHAOS_HELP, type ChaosCommand, readChaos } from './command.ts';

type Env = NodeJS.ProcessEnv;

/** Sweeps and reports; throws nothing. @returns 0 all held, 1 something is not, 2 could not run, 130 or 143 interrupted */
export async function main(argv: readonly string[], env: Env): Promise<number> {
  if (asksForHelp(argv)) {
    console.log(CHAOS_HELP);
    return 0;
  }
  using interrupted = interruption();
  try {
    const command = readChaos(argv, env);
    await lookAtProject(command.folder, staging(command));
    await removeChaos(command.out);
    await demandWritable(command.out);
    const swept = await run(command, env, interrupted);
    const file = await report(swept, command, env);
    return exitCode(file);
  } catch (error) {
    return interrupted.exitCode() ?? complain(error, env);
  }
}

interface Swept {
  readonly notes: ChaosNotes;
  readonly server: Pick<Server, 'access' | 'summary'>;
  readonly started: Date;
}

async function run(command: ChaosCommand, env: Env, { signal }: Interruption): Promise<Swept> {
  const started = new Date();
  using progress = showProgress(process.stderr, !command.quiet);
  progress.stage('starting the server');
  const say = (line: string) => (command.quiet ? undefined : console.error(line));
  const server = await bootServer({ env, say, signal });
  // Whatever waits for the server ends with it.
  signal.addEventListener('abort', () => void server.stop());
  try {
    const notes = await sweep(command, server.access, { env, signal, progress });
    progress.stage('stopping the server');
    await server.stop();
    signal.throwIfAborted();
    return { notes, server, started };
  } finally {
    await server.stop();
  }
}

interface Around {
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

async function sweep(
  command: ChaosCommand,
  access: ServerAccess,
  { env, signal, progress }: Around,
): Promise<ChaosNotes> {
  const { folder, seed, full, only } = command;
  await using stack = new AsyncDisposableStack();
  const lab = stack.use(openLab(access));
  const switchboard = stack.use(await openSwitchboard({ access, env }));
  const swept = await sweepProject({
    spec: { project: folder, ...staging(command), continueOnError: true, populated: { seed } },
    ground: { lab, switchboard },
    own: () => openOwnGround(stack, { env, kind: access.kind, signal }),
    ...{ full, only, signal },
    onStage: progress.stage,
    onProgress: progress.at,
  });
  return { proxy: switchboard.proxy, sweep: swept };
}

async function report({ notes, server, started }: Swept, command: ChaosCommand, env: Env): Promise<ChaosFile> {
  const { access, summary } = server;
  const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { out, seed, full, quiet } = command;
  const replay = repeated(command);
  const file = chaosFile([notes], {
    ...{ version, seed, full },
    server: { version: access.version, kind: access.kind },
    run: {
      ...{ id: access.run, server: summary, replay },
      started: started.toISOString(),
      milliseconds: Math.round(performance.now()),
    },
  });
  const again = () => `${commandLine(env, 'chaos')} ${shellWord(typedAs(env, command.folder))} --seed ${seed}`;
  const screen = await writtenChaos(file, { access, folder: out, env, verbose: false, again });
  await writeChaosJUnit(out, redactAll(chaosJUnit(file, notes), secretsOf(env, access)));
  console.log(quiet ? chaosVerdict(file, painter(process.stdout)) : screen.trimStart());
  return file;
}

/** The command that does the same again. */
function repeated({ folder, seed, platform, only, full, defaultGrants }: ChaosCommand): string {
  const flags = Object.entries({ seed: String(seed), platform, only, 'default-grants': defaultGrants });
  const given = flags.flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${shellWord(value)}`]));
  return ['npm run chaos --', shellWord(folder), ...given, ...(full ? ['--full'] : [])].join(' ');
}

/** Where nothing could be tried, nothing was proved. */
function exitCode({ verdict, sweep: swept }: ChaosFile): number {
  if (verdict === 'held') return 0;
  return swept === null || swept.held + swept.broken + swept.unknown === 0 ? 2 : 1;
}
