/** JUnit XML that GitHub, GitLab and Jenkins read, from a finished run. */

import { stripVTControlCharacters } from 'node:util';
import library, { type Builder, type TestCase, type TestSuite } from 'junit-report-builder';
import { findingText, reachText } from './finding.ts';
import type { Obstacle, RunReport, TestEntry, TestGroup } from './run.ts';

// Its types describe an ES module, its code is CommonJS: the default import is the builder itself.
const builder = library as unknown as Builder;

/** The whole document. The same report gives the same text. */
export function toJUnit(report: RunReport): string {
  const document = builder.newBuilder().name(clean(`Rowproof ${report.suite}`));
  for (const group of report.groups) writeGroup(document.testSuite(), group, report);
  if (report.obstacle) writeObstacle(document.testSuite(), report.obstacle, report);
  return document.build();
}

function writeGroup(suite: TestSuite, group: TestGroup, report: RunReport): void {
  const milliseconds = group.tests.reduce((sum, test) => sum + test.milliseconds, 0);
  describeSuite(suite, group.name, report).time(seconds(milliseconds));
  for (const test of group.tests) writeTest(suite, group, test);
}

function describeSuite(suite: TestSuite, name: string, report: RunReport): TestSuite {
  suite.name(clean(name)).timestamp(report.started);
  if (report.seed !== null) suite.property('seed', String(report.seed));
  if (report.server !== null) suite.property('server', clean(report.server));
  return suite.property('replay', clean(report.replay));
}

function writeTest(suite: TestSuite, group: TestGroup, test: TestEntry): void {
  const entry = suite
    .testCase()
    .className(clean(group.className))
    .name(clean(test.name))
    .time(seconds(test.milliseconds));
  if (group.file) entry.file(clean(group.file));
  for (const [name, value] of propertiesOf(test)) entry.property(name, clean(value));
  const { outcome } = test;
  // Too light to fail the run, and told all the same.
  if (outcome.state === 'passed' && test.finding) entry.standardOutput(clean(findingText(test.finding)));
  if (outcome.state === 'passed' && outcome.note !== undefined) entry.standardOutput(clean(outcome.note));
  if (outcome.state === 'skipped' || outcome.state === 'undecided') skip(entry, clean(outcome.reason));
  if (outcome.state === 'error') entry.error(clean(outcome.message), 'error', clean(outcome.details));
  if (outcome.state === 'failed') {
    entry.failure(clean(outcome.message), test.finding ? 'finding' : 'failure').stacktrace(clean(outcome.details));
  }
}

/** The builder knows a skip, but not why: the reason is added where the element is made. */
function skip(entry: TestCase, reason: string): void {
  entry.skipped();
  const build = entry.build.bind(entry);
  entry.build = (parent) => {
    const element = build(parent);
    element.children.find((child) => 'name' in child && child.name === 'skipped')?.att('message', reason);
    return element;
  };
}

function propertiesOf(test: TestEntry): readonly (readonly [string, string])[] {
  const { finding } = test;
  const ids = test.ids.map((id) => ['id', id] as const);
  const known = {
    finding: finding?.key ?? null,
    attack: finding?.attack ?? null,
    severity: finding?.severity ?? null,
    reach: finding === null || finding.reachedBecause === null ? null : reachText(finding),
    surface: test.surface,
    persona: test.persona,
    door: finding?.door ?? null,
    verdict: verdictOf(test),
  };
  return [
    ...ids,
    ...doorsOf(test),
    ...Object.entries(known).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
  ];
}

function verdictOf({ outcome, held }: TestEntry): string | null {
  if (outcome.state === 'undecided') return outcome.verdict;
  return outcome.state === 'passed' && held !== undefined ? `held (${held})` : null;
}

/** How much of a test went over HTTP, and why the rest did not. */
function doorsOf({ door }: TestEntry): readonly (readonly [string, string])[] {
  if (door === undefined) return [];
  const wire = Object.entries(door.wire).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ['door', door.door ?? 'none'],
    ['statements over http', String(door.http)],
    ...wire.map(([reason, count]) => ['statements over the wire alone', `${count}: ${reason}`] as const),
  ];
}

function writeObstacle(suite: TestSuite, obstacle: Obstacle, report: RunReport): void {
  describeSuite(suite, 'The run itself', report).time(seconds(report.milliseconds));
  suite
    .testCase()
    .className('run')
    .name('Rowproof can do its job')
    .time(seconds(report.milliseconds))
    .error(clean(obstacle.sentence), 'CannotRun', clean(`${obstacle.sentence}\nFix: ${obstacle.fix}`));
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000;
}

/** Removes what XML 1.0 cannot hold: colours, control characters, lone surrogates, U+FFFE and U+FFFF. */
function clean(text: string): string {
  return stripVTControlCharacters(text)
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '');
}
