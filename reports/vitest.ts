/** Listens to a Vitest run and turns its modules into the groups of a `RunReport`. */

import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';
import type { ChaosNotes } from '../chaos/model.ts';
import type { ExaminationSummary } from '../fixtures/model/summary.ts';
import { chaosNote, chaosText, sweepEntries } from './chaos-junit.ts';
import { type ErrorLike, errorDetails, findObstacle, firstLine } from './failures.ts';
import { findingText } from './finding.ts';
import { classNameOf, groupName, requirementIds } from './names.ts';
import type { Obstacle, Outcome, TestEntry, TestGroup } from './run.ts';

export interface Collector {
  readonly reporter: Reporter;
  /** The running Vitest; null before it has started. */
  vitest(): Vitest | null;
  /** Milliseconds from the start of the process to the first test's result; null when no test ended. */
  firstVerdictAt(): number | null;
  /** Everything seen so far; complete once the run has ended. */
  collected(): Collected;
}

export interface Collected {
  readonly groups: readonly TestGroup[];
  readonly summaries: readonly ExaminationSummary[];
  /** What tests of chaos told. */
  readonly chaos: readonly ChaosNotes[];
  /** The first `CannotRun` thrown anywhere. */
  readonly obstacle: Obstacle | null;
}

/**
 * Makes a reporter that remembers the run.
 * @param onFailure called at each failed test, set-up or file, at once; with the obstacle, where that was the reason
 */
export function collectRun(root: string, onFailure: (obstacle: Obstacle | null) => void): Collector {
  const state: {
    vitest: Vitest | null;
    first: number | null;
    modules: readonly TestModule[];
    stray: readonly ErrorLike[];
  } = {
    vitest: null,
    first: null,
    modules: [],
    stray: [],
  };
  const reporter: Reporter = {
    onInit: (vitest) => {
      state.vitest = vitest;
    },
    onTestCaseResult: (test) => {
      state.first ??= performance.now();
      const { state: outcome, errors = [] } = test.result();
      if (outcome === 'failed') onFailure(findObstacle(errors));
    },
    onTestSuiteResult: (suite) => {
      if (suite.errors().length > 0) onFailure(findObstacle(suite.errors()));
    },
    onTestModuleEnd: (module) => {
      if (module.errors().length > 0) onFailure(findObstacle(module.errors()));
    },
    onTestRunEnd: (modules, unhandled) => {
      state.modules = modules;
      state.stray = unhandled;
    },
  };
  return {
    reporter,
    vitest: () => state.vitest,
    firstVerdictAt: () => state.first,
    collected: () => describeRun(root, state.modules, state.stray),
  };
}

function describeRun(root: string, modules: readonly TestModule[], stray: readonly ErrorLike[]): Collected {
  const sorted = modules.toSorted((a, b) => (a.moduleId < b.moduleId ? -1 : 1));
  const tests = sorted.flatMap(testsOf);
  const errors = [
    ...stray,
    ...sorted.flatMap((module) => [...module.errors(), ...suitesOf(module).flatMap((suite) => suite.errors())]),
    ...tests.flatMap((test) => test.result().errors ?? []),
  ];
  const groups = sorted.flatMap((module) => groupsOf(root, module));
  return {
    groups: stray.length > 0 ? [...groups, strayGroup(stray)] : groups,
    summaries: tests.flatMap((test) => test.meta().rowproof?.summary ?? []),
    chaos: tests.flatMap((test) => test.meta().chaos ?? []),
    obstacle: findObstacle(errors),
  };
}

function groupsOf(root: string, module: TestModule): readonly TestGroup[] {
  const file = module.moduleId.startsWith(root) ? module.moduleId.slice(root.length + 1) : module.moduleId;
  const byHeading = new Map<string, { headings: readonly string[]; tests: TestEntry[] }>();
  const put = (headings: readonly string[], entries: readonly TestEntry[]) => {
    const key = headings.join('\n');
    const group = byHeading.get(key) ?? { headings, tests: [] };
    group.tests.push(...entries);
    byHeading.set(key, group);
  };
  if (module.errors().length > 0 && findObstacle(module.errors()) === null)
    put([], [brokenSuite('the file loads', module.errors())]);
  for (const suite of suitesOf(module)) {
    if (suite.errors().length > 0 && findObstacle(suite.errors()) === null)
      put(headingsOf(suite), [brokenSuite('its set-up and clean-up work', suite.errors())]);
  }
  for (const test of testsOf(module)) put(headingsOf(test.parent), entriesOf(test));
  return [...byHeading.values()].map(({ headings, tests }) => {
    const way = wayIn(tests);
    return {
      name: `${groupName(file, headings)}${way === null ? '' : ` (http, ${way})`}`,
      className: `${classNameOf(file, headings)}${way === null ? '' : ` (http, ${way})`}`,
      file,
      tests,
    };
  });
}

/** The door through which the tests of a group came in; null: over the wire. */
function wayIn(tests: readonly TestEntry[]): string | null {
  const ways = tests.flatMap(({ door }) => (door === undefined ? [] : [door.door ?? 'none']));
  return ways.find((way) => way !== 'none') ?? ways[0] ?? null;
}

/** The tests that were asked for: `-t` makes Vitest report all the others as skipped. */
function testsOf(module: TestModule): readonly TestCase[] {
  const pattern = module.project.config.testNamePattern;
  const asked = (test: TestCase) => [...headingsOf(test.parent), test.name].join(' ');
  return [...module.children.allTests()].filter(
    (test) => (!pattern || new RegExp(pattern.source, pattern.flags).test(asked(test))) && !isSilent(test),
  );
}

/** Over HTTP a test that says nothing there proves nothing there: it passed over the wire, or did not, where it is listed. */
function isSilent(test: TestCase): boolean {
  const { http } = test.meta().door ?? { http: test.project.name.endsWith('-http') ? 0 : 1 };
  return http === 0 && test.result().state === 'passed';
}

function suitesOf(module: TestModule): readonly TestSuite[] {
  return [...module.children.allSuites()];
}

function headingsOf(parent: TestSuite | TestModule): readonly string[] {
  return parent.type === 'module' ? [] : [...headingsOf(parent.parent), parent.name];
}

function brokenSuite(name: string, errors: readonly ErrorLike[]): TestEntry {
  const outcome: Outcome = { state: 'error', message: firstLine(errors), details: errorDetails(errors) };
  return { name, ids: [], milliseconds: 0, outcome, finding: null, surface: null, persona: null };
}

/** One; of a sweep one for each act, and the test itself where anything else went wrong in it. */
function entriesOf(test: TestCase): readonly TestEntry[] {
  const sweep = test.meta().chaos?.sweep;
  if (sweep === undefined) return [entryOf(test)];
  const other = (test.result().errors ?? []).some(({ name }) => name !== 'NotHeld');
  return [...sweepEntries(sweep), ...(other ? [entryOf(test)] : [])];
}

function entryOf(test: TestCase): TestEntry {
  const notes = test.meta().rowproof;
  const finding = notes?.finding ?? null;
  const surface = notes?.surface ?? finding?.surface;
  const { door } = test.meta();
  return {
    name: test.name,
    ids: requirementIds(test.name),
    milliseconds: test.diagnostic()?.duration ?? 0,
    outcome: outcomeOf(test),
    finding,
    surface: surface ? `${surface.name} ${surface.verb}` : null,
    persona: notes?.persona ?? finding?.persona ?? null,
    ...(door === undefined ? {} : { door }),
    ...(notes?.held === undefined ? {} : { held: notes.held }),
  };
}

function outcomeOf(test: TestCase): Outcome {
  const result = test.result();
  if (result.state === 'passed') return { state: 'passed', ...chaosNote(test.meta().chaos) };
  if (result.state === 'skipped') return skipOf(test, result.note ?? 'skipped');
  if (result.state === 'pending') return { state: 'error', message: 'the run ended before this test did', details: '' };
  const obstacle = findObstacle(result.errors);
  if (obstacle) return { state: 'error', message: obstacle.sentence, details: `Fix: ${obstacle.fix}` };
  const finding = test.meta().rowproof?.finding;
  if (finding) return { state: 'failed', message: finding.title, details: findingText(finding) };
  const told = result.errors.every(({ name }) => name === 'NotHeld') ? chaosText(test.meta().chaos) : null;
  return {
    state: 'failed',
    message: firstLine(result.errors),
    details: told ?? stripVTControlCharacters(errorDetails(result.errors)),
  };
}

/** Only an attack on a project may leave something undecided; anywhere else a skip is a failure. */
function skipOf(test: TestCase, reason: string): Outcome {
  const verdict = test.meta().rowproof?.undecided;
  const attacks = test.project.name === 'attacks';
  return attacks && verdict ? { state: 'undecided', verdict, reason } : { state: 'skipped', reason };
}

function strayGroup(errors: readonly ErrorLike[]): TestGroup {
  return {
    name: 'Errors outside any test',
    className: 'run.errors',
    file: '',
    tests: [brokenSuite('nothing fails outside a test', errors)],
  };
}
