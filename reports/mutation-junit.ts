/** A mutation run as JUnit: one test for each guard, failed where a mutant of it survived. */

import type { MutantResult } from '../fixtures/model/mutant.ts';
import type { WatchedGuard } from '../fixtures/mutate/score.ts';
import { difference } from './difference.ts';
import { isSound, type MutationFile, type TestWatch } from './mutation.ts';
import { whyAlive } from './mutation-survivors.ts';
import type { Outcome, RunReport, TestEntry, TestGroup } from './run.ts';
import { many } from './terminal.ts';

const WIDTH = 116;

/** @param about how it is run again, and the line that says which server was used */
export function mutationJUnit(file: MutationFile, about: Pick<RunReport, 'replay' | 'server'>): RunReport {
  return {
    suite: 'mutate',
    started: file.run.started.slice(0, 19),
    milliseconds: file.run.milliseconds,
    seed: file.seed,
    ...about,
    stages: [],
    firstVerdict: null,
    groups: [
      ...[...Map.groupBy(file.guards, ({ surface }) => surface)].map(([surface, guards]) =>
        group(
          file,
          surface,
          guards.map((guard) => entryOf(file, guard)),
        ),
      ),
      ...(file.watches.length === 0 ? [] : [group(file, 'T-tests', file.watches.map(watchEntry))]),
    ],
    summaries: [],
    obstacle: null,
    strict: false,
  };
}

function group({ project: { name } }: MutationFile, about: string, tests: readonly TestEntry[]): TestGroup {
  return {
    name: `${name} › ${about}`,
    className: `mutate.${name.replaceAll('.', '·')}.${about.replaceAll('.', '·')}`,
    file: '',
    tests,
  };
}

const EMPTY = { ids: [], milliseconds: 0, finding: null, surface: null, persona: null } as const;

function entryOf(file: MutationFile, guard: WatchedGuard): TestEntry {
  return {
    ...EMPTY,
    name: `somebody notices when this is gone or weaker: ${guard.guard}`,
    outcome: outcomeOf(file, guard),
    surface: guard.surface,
  };
}

function watchEntry(watch: TestWatch): TestEntry {
  const { test, guard, missed, faults } = watch;
  const message = missed.length > 0 ? `${test} passes without it` : faults.join('; ');
  return {
    ...EMPTY,
    name: `${test} fails without ${guard}`,
    ids: [test],
    outcome: isSound(watch) ? { state: 'passed' } : { state: 'failed', message, details: missed.join('\n') },
  };
}

function outcomeOf({ mutants }: MutationFile, { guard, surface, killed, survived }: WatchedGuard): Outcome {
  const own = mutants.filter((one) => one.guard === guard && one.surface === surface);
  const survivors = own.filter(({ state }) => state === 'survived');
  if (survived > 0)
    return {
      state: 'failed',
      message: `${survived} of ${many(killed + survived, 'mutant')} survived: ${survivors.map(({ operator }) => operator).join(', ')}`,
      details: survivors.map(survivorText).join('\n\n'),
    };
  if (killed > 0) return { state: 'passed' };
  const reason = own.map((one) => `${one.operator}: ${one.state}: ${one.reason}`).join('; ');
  return { state: 'undecided', verdict: 'unknown', reason: `no mutant of it could be judged; ${reason}` };
}

function survivorText({ key, was, is, sql, tried, reason }: MutantResult): string {
  const changed = difference(was, is, WIDTH).map(({ sign, text }) => `${sign} ${text}`);
  const statements = sql.map((statement) => `${statement};`);
  return [key, ...changed, whyAlive(tried, reason), '', ...statements].join('\n');
}
