/** A mutation run as JUnit: one test for each guard, failed where a mutant of it survived. */

import type { MutantResult } from '../fixtures/model/mutant.ts';
import type { WatchedGuard } from '../fixtures/mutate/score.ts';
import { difference } from './difference.ts';
import type { MutationFile } from './mutation.ts';
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
    groups: [...Map.groupBy(file.guards, ({ surface }) => surface)].map(([surface, guards]) =>
      group(file, surface, guards),
    ),
    summaries: [],
    obstacle: null,
    strict: false,
  };
}

function group(file: MutationFile, surface: string, guards: readonly WatchedGuard[]): TestGroup {
  return {
    name: `${file.project.name} › ${surface}`,
    className: `mutate.${file.project.name.replaceAll('.', '·')}.${surface.replaceAll('.', '·')}`,
    file: '',
    tests: guards.map((guard) => entryOf(file, guard)),
  };
}

function entryOf(file: MutationFile, guard: WatchedGuard): TestEntry {
  return {
    name: `somebody notices when this is gone or weaker: ${guard.guard}`,
    ids: [],
    milliseconds: 0,
    outcome: outcomeOf(file, guard),
    finding: null,
    surface: guard.surface,
    persona: null,
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
  return [key, ...changed, `tried ${many(tried, 'probe')}: ${reason}`, '', ...statements].join('\n');
}
