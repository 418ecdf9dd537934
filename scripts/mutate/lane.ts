/** One long-living Vitest that runs T-tests of a system on one mutant after the other. */

import { readFile } from 'node:fs/promises';
import {
  BaseSequencer,
  createVitest,
  type Reporter,
  type TestModule,
  type TestProject,
  type TestSpecification,
  type Vitest,
} from 'vitest/node';
import { CannotRun } from '../../fixtures/model/errors.ts';
import type { MutatedProject, ServerAccess } from '../../fixtures/model/server.ts';
import { ID, idsIn } from '../../reports/names.ts';
import { deathOf } from '../run/death.ts';
import { redOf } from './red.ts';

export interface Lane extends AsyncDisposable {
  /**
   * Runs every test that is wanted, or as many as it takes until one fails: files with the first of the ids come first.
   * @returns the ids of which a test failed, or the name of one that has none; with `first failure` those of that one test
   * @throws CannotRun when an id has no test that ran, or the harness failed: that is no verdict on the mutant.
   */
  run(mutated: MutatedProject, wanted: WantedTests, until: 'all' | 'first failure'): Promise<readonly string[]>;
}

export interface WantedTests {
  /** T-ids of which every test is wanted. */
  readonly ids: readonly string[];
  /** Whether tests are wanted, too, whose names begin with no id. */
  readonly others: boolean;
  /** Ids and names whose files come before all others. */
  readonly first?: readonly string[];
}

export interface LaneOptions {
  /** Root of the checkout. */
  readonly root: string;
  /** Folder of the test files, relative to it. */
  readonly folder: string;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Called when Vitest has put itself in the way of Ctrl-C. */
  readonly reclaim: () => void;
}

/** Vitest would begin with what failed last: which test fails first must not depend on the mutant before. */
class AsGiven extends BaseSequencer {
  override sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(specifications);
  }
}

interface TestFile {
  readonly project: TestProject;
  readonly path: string;
  /** T-ids that stand in it. */
  readonly ids: readonly string[];
  readonly text: string;
}

/** A file that is still loading does not hear that the run is cancelled: it is told again. */
const insistMilliseconds = 100;

export async function openLane(access: ServerAccess, options: LaneOptions): Promise<Lane> {
  const listening = { failed: () => {} };
  const reporter: Reporter = {
    onInit: options.reclaim,
    onTestCaseResult: (test) => (test.result().state === 'failed' ? listening.failed() : undefined),
  };
  const vitest = await createVitest('test', {
    root: options.root,
    watch: false,
    project: ['acceptance'],
    maxWorkers: 1,
    reporters: [reporter],
    sequence: { sequencer: AsGiven },
  });
  await vitest.standalone();
  vitest.provide('seed', options.seed);
  const files = await filesOf(vitest, options.folder);
  return {
    run: async (mutated, wanted, until) => {
      options.signal.throwIfAborted();
      vitest.provide('server', { ...access, mutated });
      using run = cancellable(vitest);
      listening.failed = until === 'all' ? () => {} : run.cancel;
      options.signal.addEventListener('abort', run.cancel);
      const modules = await runFiles(vitest, files, wanted);
      options.signal.removeEventListener('abort', run.cancel);
      options.signal.throwIfAborted();
      const death = await deathOf(access);
      if (death) throw new CannotRun(death.sentence, death.fix);
      return redOf(modules, wanted, until);
    },
    [Symbol.asyncDispose]: () => vitest.close(),
  };
}

async function filesOf(vitest: Vitest, folder: string): Promise<readonly TestFile[]> {
  const found = await vitest.globTestSpecifications([`${folder}/`]);
  const specifications = found.toSorted((a, b) => (a.moduleId < b.moduleId ? -1 : 1));
  return await Promise.all(
    specifications.map(async ({ project, moduleId }) => {
      const text = await readFile(moduleId, 'utf8');
      return { project, path: moduleId, ids: idsIn(text), text };
    }),
  );
}

/** Of the name with those of its suites. */
function namePattern({ ids, others }: WantedTests): RegExp {
  const named = ids.length === 0 ? [] : [`\\b(?:${ids.join('|')})\\b`];
  return new RegExp([...named, ...(others ? [`^(?!.*\\b${ID}\\b)`] : [])].join('|'));
}

async function runFiles(
  vitest: Vitest,
  files: readonly TestFile[],
  { ids: wanted, others, first = [] }: WantedTests,
): Promise<readonly TestModule[]> {
  const testNamePattern = namePattern({ ids: wanted, others });
  const rank = ({ ids }: TestFile) => {
    const at = wanted.findIndex((id) => ids.includes(id));
    return at < 0 ? wanted.length : at;
  };
  const hotness = ({ text }: TestFile) => {
    const at = first.findIndex((words) => text.includes(words));
    return at < 0 ? first.length : at;
  };
  const specifications = files
    .filter((file) => others || rank(file) < wanted.length)
    .toSorted((a, b) => hotness(a) - hotness(b) || rank(a) - rank(b))
    .map(({ project, path }) => project.createSpecification(path, { testNamePattern }));
  await vitest.runTestSpecifications(specifications);
  return specifications.flatMap(({ testModule }) => testModule ?? []);
}

interface Cancellable extends Disposable {
  readonly cancel: () => void;
  cancelled(): boolean;
}

function cancellable(vitest: Vitest): Cancellable {
  let insisting: NodeJS.Timeout | undefined;
  const ask = () => void vitest.cancelCurrentRun('test-failure');
  return {
    cancel: () => {
      insisting ??= setInterval(ask, insistMilliseconds);
      ask();
    },
    cancelled: () => insisting !== undefined,
    [Symbol.dispose]: () => clearInterval(insisting),
  };
}
