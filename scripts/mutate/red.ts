/** Which T-ids failed in a run of their tests; whatever is no verdict of a test is an obstacle. */

import type { TestCase, TestModule } from 'vitest/node';
import { CannotRun } from '../../fixtures/model/errors.ts';
import { findObstacle } from '../../reports/failures.ts';
import { requirementIds } from '../../reports/names.ts';
import type { WantedTests } from './lane.ts';

/**
 * A test whose file or set-up failed has failed with it: the mutant broke what they build on.
 * @param modules in the order in which they ran
 * @param until `first failure`: what came later may or may not have run, and is not looked at
 * @throws CannotRun when an error says that the harness could not do its job, or an id has no test that ran
 */
export function redOf(
  modules: readonly TestModule[],
  wanted: WantedTests,
  until: 'all' | 'first failure',
): readonly string[] {
  const obstacle = findObstacle(modules.flatMap(errorsIn));
  if (obstacle) throw new CannotRun(obstacle.sentence, obstacle.fix);
  const tests = modules.flatMap((module) => testsOf(module, wanted));
  const failed = tests.filter(({ state }) => state === 'failed').map(({ ids }) => ids);
  if (until === 'all' || failed.length === 0) refuseIdle(tests, wanted.ids);
  const red = new Set((until === 'all' ? failed : failed.slice(0, 1)).flat());
  return [...wanted.ids.filter((id) => red.has(id)), ...[...red].filter((name) => !wanted.ids.includes(name))];
}

interface RunTest {
  /** Its name where it has none. */
  readonly ids: readonly string[];
  readonly state: 'passed' | 'failed' | 'idle';
}

function testsOf(module: TestModule, { ids: wanted, others }: WantedTests): readonly RunTest[] {
  const broken = errorsAbove(module).length > 0;
  return [...module.children.allTests()].flatMap((test) => {
    const all = requirementIds(test.name);
    const ids = others && all.length === 0 ? [test.name] : all.filter((id) => wanted.includes(id));
    return ids.length === 0 ? [] : [{ ids, state: stateOf(test, broken) }];
  });
}

function stateOf(test: TestCase, broken: boolean): RunTest['state'] {
  const { state } = test.result();
  if (state === 'passed' || state === 'failed') return state;
  return broken ? 'failed' : 'idle';
}

function refuseIdle(tests: readonly RunTest[], wanted: readonly string[]): void {
  const idle = wanted.find((id) => !tests.some(({ ids, state }) => ids.includes(id) && state !== 'idle'));
  if (idle === undefined) return;
  throw new CannotRun(
    `No test of ${idle} ran, so nothing can be said of what it notices.`,
    `See that one exists and runs: \`npm run test:acceptance -- -t ${idle}\`.`,
  );
}

/** Of the file itself and of its set-ups. */
function errorsAbove(module: TestModule) {
  return [...module.errors(), ...[...module.children.allSuites()].flatMap((suite) => suite.errors())];
}

function errorsIn(module: TestModule) {
  return [...errorsAbove(module), ...[...module.children.allTests()].flatMap((test) => test.result().errors ?? [])];
}
