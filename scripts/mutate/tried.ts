/** Tries the mutants that were asked for, with what an interrupted run knows already. */

import { join } from 'node:path';
import { demandSomething } from '../../fixtures/engine/check.ts';
import type { Lab } from '../../fixtures/lab/lab.ts';
import { CannotRun } from '../../fixtures/model/errors.ts';
import type { Mutant } from '../../fixtures/model/mutant.ts';
import { changesBetween } from '../../fixtures/mutate/changes.ts';
import { digestOf } from '../../fixtures/mutate/digest.ts';
import { type Journal, openJournal } from '../../fixtures/mutate/journal.ts';
import { loadOperators } from '../../fixtures/mutate/load-operators.ts';
import { type MutateOptions, type Mutation, mutate } from '../../fixtures/mutate/mutate.ts';
import { redactAll } from '../../reports/secrets.ts';
import { loadAttacks } from '../../suites/load-attacks.ts';
import { root } from '../check/places.ts';
import type { Progress } from '../check/progress.ts';
import { staging } from '../check/project.ts';
import type { Interruption } from '../run/interruption.ts';
import type { MutateCommand } from './command.ts';
import { earlierProject } from './since.ts';
import { askTests, type TestsJudged } from './tests.ts';
import { paceOfResults } from './time-left.ts';
import { unjudged } from './unjudged.ts';

export interface Tried extends Mutation, Pick<TestsJudged, 'watches'> {
  /** Results taken from an interrupted run. */
  readonly resumed: number;
}

/** What results depend on beside the options. */
export interface Digests {
  /** Of the project and of this Rowproof. */
  readonly state: string;
  /** Of the T-tests that judge, too; null: none. */
  readonly tests: string | null;
}

export interface Circumstances {
  readonly digests: Digests;
  readonly secrets: readonly string[];
  readonly progress: Progress;
  readonly interrupted: Pick<Interruption, 'signal' | 'reclaim'>;
}

/** @throws CannotRun where the project cannot be mutated, or nothing of it is asked for */
export async function tryMutants(lab: Lab, command: MutateCommand, about: Circumstances): Promise<Tried> {
  const { progress, digests } = about;
  const { signal } = about.interrupted;
  const { seed, only, fresh } = command;
  const asIs = command.guards ? '' : ', making rows and asking the project as it is';
  progress.stage(`applying the migrations${asIs}`);
  const operators = await loadOperators();
  const { wanted, tree } = await wantedMutants(lab, command);
  const { kind, version } = lab.access;
  // Who noticed earlier mutants is asked first, so even a result's number of probes depends on which are tried.
  const digest = digestOf({ digests, seed, only, tree, kind, version, guards: command.guards });
  using journal = openJournal(join(command.out, 'mutation-journal.jsonl'), { digest, fresh });
  const spec = { project: command.folder, ...staging(command), continueOnError: true, operators, only: wanted };
  let watches: TestsJudged['watches'] = [];
  const settle: NonNullable<MutateOptions['settle']> = async (mutants, results) => {
    signal.throwIfAborted();
    const judged = await askedTests(lab, command, { mutants, results }, journal, about);
    watches = judged.watches;
    return judged.results;
  };
  const mutation = command.guards
    ? await unjudged(lab, { ...spec, settle })
    : await mutate(lab, {
        ...spec,
        seed,
        attacks: await loadAttacks(),
        workers: command.workers,
        known: journal.known,
        ...telling(journal, about),
        ...(command.tests ? { settle } : {}),
      });
  signal.throwIfAborted();
  demandMutants(mutation, command);
  journal.finish();
  const resumed = mutation.results.filter(({ key }) => journal.known.has(key)).length;
  const skipped = mutation.skipped.filter(
    (one) => only === undefined || `${one.operator} ${one.surface}`.includes(only),
  );
  return { ...mutation, watches, skipped, resumed };
}

/** Each result goes into the journal, and how many there are on the screen. */
function telling(
  journal: Journal,
  { progress, secrets, interrupted: { signal } }: Circumstances,
): Required<Pick<MutateOptions, 'onResult' | 'onProgress'>> {
  const pace = paceOfResults();
  let trying = false;
  return {
    onResult: (result) => {
      pace.result();
      // What is observed while everything is being stopped proves nothing.
      if (!signal.aborted) journal.add(redactAll(result, secrets));
    },
    onProgress: (done, total) => {
      if (!trying) progress.stage('trying mutants');
      trying = true;
      progress.at(done, total, pace.left(total - done));
    },
  };
}

async function askedTests(
  { access }: Lab,
  command: MutateCommand,
  { mutants, results }: Pick<Mutation, 'mutants' | 'results'>,
  journal: Journal,
  { progress, interrupted }: Circumstances,
): Promise<TestsJudged> {
  const { folder, seed, workers, only, since, guards } = command;
  const pace = paceOfResults();
  progress.stage(guards ? 'asking the T-tests without each guard' : 'asking the T-tests');
  const judged = await askTests(access, folder, mutants, results, {
    root,
    lanes: workers,
    seed,
    complete: only === undefined && since === undefined,
    named: guards,
    signal: interrupted.signal,
    reclaim: interrupted.reclaim,
    known: journal.knownTests,
    onResult: (key, failed) => {
      pace.result();
      if (!interrupted.signal.aborted) journal.addTests(key, failed);
    },
    onProgress: (done, total) => progress.at(done, total, pace.left(total - done)),
  });
  interrupted.signal.throwIfAborted();
  return judged;
}

interface Wanted {
  readonly wanted: (mutant: Mutant) => boolean;
  /** What they were compared with, as git names it for good; null: with nothing. */
  readonly tree: string | null;
}

async function wantedMutants(lab: Lab, command: MutateCommand): Promise<Wanted> {
  const { folder, seed, only = '', since } = command;
  const named = ({ key }: Mutant) => key.includes(only);
  if (since === undefined) return { wanted: named, tree: null };
  await using earlier = await earlierProject(folder, since);
  const { tree } = earlier;
  if (earlier.folder === null) return { wanted: named, tree };
  const spec = { project: folder, populated: { seed }, ...staging(command), continueOnError: true };
  const before = { ...spec, project: earlier.folder };
  const changed = await changesBetween(lab, before, spec, await loadOperators());
  return { wanted: (mutant) => named(mutant) && changed(mutant), tree };
}

/** @throws CannotRun where there was nothing to mutate: that must not look as if nothing had survived. */
function demandMutants({ project, catalog, migrations, mutants }: Mutation, { only, since }: MutateCommand): void {
  if (mutants.length > 0 || since !== undefined) return;
  demandSomething(project.name, catalog, migrations);
  throw only === undefined
    ? new CannotRun(`${project.name} has nothing that an operator could remove or weaken.`, 'See `--operators`.')
    : new CannotRun(
        `No mutant's key holds \`${only}\`.`,
        'Give a part of one as mutation.json has it: an operator, a guard or a table.',
      );
}
