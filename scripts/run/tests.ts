/** One run: boot a server, let Vitest run the suites on it, look whether the server is still there, stop it. */

import { type Reporter, startVitest } from 'vitest/node';
import type { Server, ServerAccess } from '../../fixtures/model/server.ts';
import { bootServer } from '../../fixtures/servers/boot.ts';
import { showHeartbeat, showProgress } from '../../reports/progress.ts';
import type { Obstacle, Stage } from '../../reports/run.ts';
import { type Collected, collectRun } from '../../reports/vitest.ts';
import type { Command, Suite } from './command.ts';
import { deathOf } from './death.ts';
import type { Interruption } from './interruption.ts';

export interface TestsRun extends Omit<Collected, 'obstacle'> {
  readonly server: string;
  readonly access: ServerAccess;
  readonly stages: readonly Stage[];
  readonly firstVerdict: number | null;
  readonly obstacle: Obstacle | null;
}

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Root of the checkout; test files are named relative to it. */
  readonly root: string;
  readonly say: (line: string) => void;
  readonly interrupted: Interruption;
  /** Called with the server once it is known: its passwords must not be printed. */
  readonly hide: (access: ServerAccess) => void;
}

/** How often a run that became pointless is told to stop. */
const insistMilliseconds = 250;

/** @throws CannotRun when the server does not boot. */
export async function runTests(command: Command, around: Surroundings): Promise<TestsRun> {
  const clock = stopwatch();
  clock.lap('start');
  const server = await bootServer({ env: around.env, say: around.say, signal: around.interrupted.signal });
  around.hide(server.access);
  try {
    clock.lap('boot');
    const run = await runVitest(command, server, around);
    clock.lap('tests');
    const obstacle =
      run.obstacle ?? (await deathOf(server.access)) ?? (run.groups.length === 0 ? nothingToRun(command) : null);
    await server.stop();
    clock.lap('stop');
    return { ...run, server: server.summary, access: server.access, stages: clock.laps, obstacle };
  } finally {
    await server.stop();
  }
}

/** Laps since the process started: what a person waits for begins there. */
function stopwatch(): { readonly laps: readonly Stage[]; lap(name: string): void } {
  const laps: Stage[] = [];
  let from = 0;
  const lap = (name: string) => {
    const now = performance.now();
    laps.push({ name, milliseconds: now - from });
    from = now;
  };
  return { laps, lap };
}

async function runVitest(
  command: Command,
  { access, stop }: Server,
  around: Surroundings,
): Promise<Collected & { firstVerdict: number | null }> {
  let impossible = false;
  const collector = collectRun(around.root, (obstacle) => void stopIfImpossible(obstacle));
  let insisting: NodeJS.Timeout | undefined;
  const ask = () => void collector.vitest()?.cancelCurrentRun('keyboard-input');
  // A file that is still loading does not hear it, and would then run to its end: so it is said until all have stopped.
  const cancel = () => {
    insisting ??= setInterval(ask, insistMilliseconds);
    ask();
  };
  async function stopIfImpossible(obstacle: Obstacle | null): Promise<void> {
    if (impossible || (obstacle ?? (await deathOf(access))) === null) return;
    impossible = true;
    cancel();
  }
  const { signal } = around.interrupted;
  // Vitest cannot cancel a file that is still loading; the statement that it waits for ends with the server.
  const abort = () => {
    impossible = true;
    cancel();
    void stop();
  };
  signal.addEventListener('abort', abort);
  const guardian: Reporter = {
    onInit: around.interrupted.reclaim,
    onTestRunStart: () => (signal.aborted ? abort() : undefined),
  };
  const progress = showProgress(() => impossible || collector.collected().obstacle !== null);
  signal.throwIfAborted();
  await startVitest([...command.filters], {
    ...command.vitest,
    root: around.root,
    watch: false,
    project: command.suites.flatMap(projectsOf),
    maxWorkers: command.workers,
    provide: {
      server: access,
      seed: command.seed,
      project: command.project,
      staging: command.staging,
      failOn: command.failOn,
      full: command.full,
    },
    reporters: [guardian, collector.reporter, progress, showHeartbeat(around.say)],
    passWithNoTests: true,
  });
  clearInterval(insisting);
  signal.removeEventListener('abort', abort);
  return { ...collector.collected(), firstVerdict: collector.firstVerdictAt() };
}

/** Acceptance tests run twice: over the wire, and through the front door. */
function projectsOf(suite: Suite): readonly string[] {
  return suite === 'acceptance' ? ['acceptance', 'acceptance-http'] : [suite];
}

function nothingToRun(command: Command): Obstacle {
  const names = typeof command.vitest.testNamePattern === 'string' ? [`-t ${command.vitest.testNamePattern}`] : [];
  const wanted = [...command.filters, ...names].map((filter) => `\`${filter}\``);
  return {
    sentence: `No test of ${command.suites.join(' and ')} ${wanted.length > 0 ? `matches ${wanted.join(' and ')}` : 'was found'}, so nothing was proved.`,
    fix: 'Check the spelling: a filter is a part of the path of a test file, -t a part of the name of a test.',
  };
}
