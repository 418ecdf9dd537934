/** `--tests`: a reference system's own tests judge its mutants, and are judged by the guards that they name. */

import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CannotRun } from '../../fixtures/model/errors.ts';
import type { Mutant, MutantResult } from '../../fixtures/model/mutant.ts';
import type { ServerAccess } from '../../fixtures/model/server.ts';
import { type Redness, rednessOf } from './faults.ts';
import { type JudgeOptions, judgeByTests } from './judge-by-tests.ts';
import { questionsOf, type Watch, watchesOf, withTests } from './questions.ts';
import { readWatched } from './watched.ts';

export interface TestsOptions extends Omit<JudgeOptions, 'folder' | 'project'> {
  /** False: only some mutants were asked for, so `guards.yaml` may name guards that are not among them. */
  readonly complete: boolean;
  /** True: no mutants but those that remove a guard which a test names. */
  readonly named: boolean;
}

export interface TestsJudged {
  /** Those given, or those of named guards, with the tests that failed; what a test noticed has not survived. */
  readonly results: readonly MutantResult[];
  readonly watches: readonly JudgedWatch[];
}

/** A guard that a test names, and whether that test fails without it. */
export interface JudgedWatch extends Watch, Redness {
  /** Keys of the mutants on which it passed; empty: it watches. */
  readonly missed: readonly string[];
}

/**
 * @param project absolute path of the folder of a reference system: `supabase/<system>` of this checkout
 * @param results fates that are settled but for the tests: equivalent and invalid mutants are asked of none
 * @throws CannotRun when there are no such tests, `guards.yaml` has a mistake, or a test fails without a mutant
 */
export async function askTests(
  access: ServerAccess,
  project: string,
  mutants: readonly Mutant[],
  results: readonly MutantResult[],
  { complete, named, ...options }: TestsOptions,
): Promise<TestsJudged> {
  const folder = testsFolder(options.root, project);
  const path = join(options.root, folder, 'guards.yaml');
  const guards = complete ? new Set(mutants.map(({ guard }) => guard)) : null;
  const watched = await readWatched(path, join(project, 'requirements.md'), guards);
  const watches = watchesOf(results, watched);
  const owed = new Set(watches.flatMap((watch) => watch.owed));
  const asked = named ? results.filter(({ key }) => owed.has(key)) : results;
  const questions = questionsOf(mutants, asked, watched).map((one) => (named ? { ...one, anyone: false } : one));
  const failed = await judgeByTests(access, questions, { ...options, folder, project });
  const judged = watches.map((watch) => ({
    ...watch,
    missed: watch.owed.filter((key) => !failed.get(key)?.includes(watch.test)),
    ...rednessOf(watch, failed),
  }));
  return { results: withTests(asked, failed), watches: judged };
}

/** Where the tests of a reference system are, from the checkout's root. @throws CannotRun where no tests can judge the project */
export function testsFolder(root: string, project: string): string {
  const folder = join('suites/acceptance', relative(join(root, 'supabase'), project));
  if (existsSync(join(root, folder, 'guards.yaml'))) return folder;
  throw new CannotRun(
    `There is no ${join(folder, 'guards.yaml')}, so no test of ${project} can judge a mutant.`,
    'Leave --tests and --guards out: they are for the reference systems in `supabase`.',
  );
}
