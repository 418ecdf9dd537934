/** The summary of a run on one screen: covered, found, unknown, time, seed and how to replay. */

import { styleText } from 'node:util';
import type { ExaminationSummary, Share } from '../fixtures/model/summary.ts';
import { countTests, type RunReport, type TestEntry } from './run.ts';

type Style = Parameters<typeof styleText>[0];
/** Colours a text, or leaves it where the stream is no terminal. */
export type Paint = (style: Style, text: string) => string;

/** How many lines of a list are shown before `… and n more`. */
const shown = 8;

/** Colours by `util.styleText`, only when the stream is a terminal that wants them. */
export function painter(stream: NodeJS.WritableStream): Paint {
  return (style, text) => styleText(style, text, { stream });
}

/** The lines of the summary, without a trailing line break. */
export function toTerminal(report: RunReport, paint: Paint): string {
  const sections = [
    verdictLine(report, paint),
    coveredLines(report),
    failedMigrationLines(report, paint),
    foundLines(report, paint),
    waiverLines(report),
    questionLines(report, paint),
    unknownLines(report, paint),
    timeLines(report),
  ];
  const seed = report.seed === null ? [] : [`  Seed     ${report.seed}`, `  Replay   ${report.replay}`];
  return ['', ...sections.flat(), ...seed].join('\n');
}

/** `12 passed, 0 failed`, with what else there was; of attacks `1 finding, 0 questions, 2 unknown` before it. */
export function countsLine(report: RunReport): string {
  const { passed, failed, skipped, errors } = countTests(report);
  const extra = [skipped > 0 ? `, ${skipped} skipped` : '', errors > 0 ? `, ${errors} could not run` : ''];
  const verdicts = report.suite.includes('attacks') ? `${verdictCounts(report)}; ` : '';
  return `${verdicts}${passed} passed, ${failed} failed${extra.join('')}`;
}

function verdictCounts(report: RunReport): string {
  const tests = report.groups.flatMap((group) => group.tests);
  const findings = tests.filter(({ outcome, finding }) => outcome.state === 'failed' && finding !== null).length;
  const count = (verdict: string) =>
    tests.filter(({ outcome }) => outcome.state === 'undecided' && outcome.verdict === verdict).length;
  return `${many(findings, 'finding')}, ${many(count('question'), 'question')}, ${count('unknown')} unknown`;
}

/** `1 file`, `2 files`. */
export function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function verdictLine(report: RunReport, paint: Paint): readonly string[] {
  const clean = report.obstacle === null && failures(report).length === 0;
  const unsure = countTests(report).undecided > 0;
  const colour = clean ? (unsure ? 'yellow' : 'green') : 'red';
  return [paint(colour, `  ${report.suite}: ${countsLine(report)}`)];
}

function coveredLines(report: RunReport): readonly string[] {
  return list('Covered', report.summaries.map(coverageOf));
}

function coverageOf(summary: ExaminationSummary): string {
  const { relations, policies, routines, probes } = summary.covered;
  const share = (what: string, [observed, total]: Share) => `${observed}/${total} ${what}`;
  const parts = [
    share('relations', relations),
    share('policies', policies),
    share('routines', routines),
    `${probes} probes`,
  ];
  return `${summary.project} at ${summary.stage}: ${parts.join(', ')}; ${many(summary.findings, 'finding')}, ${many(summary.questions, 'question')}`;
}

function foundLines(report: RunReport, paint: Paint): readonly string[] {
  if (report.obstacle) return [];
  const lines = failures(report).map((test) => paint('red', describe(test)));
  return list('Found', lines.length > 0 ? lines : ['nothing']);
}

/** First of all: what these files would have made was not there to be examined. */
function failedMigrationLines(report: RunReport, paint: Paint): readonly string[] {
  return list(
    'Failed',
    report.summaries.flatMap((summary) => summary.failedMigrations.map((sentence) => paint('yellow', sentence))),
  );
}

function waiverLines(report: RunReport): readonly string[] {
  return list(
    'Waivers',
    report.summaries.flatMap((summary) => summary.waivers),
  );
}

function questionLines(report: RunReport, paint: Paint): readonly string[] {
  const lines = report.groups
    .flatMap((group) => group.tests)
    .flatMap(({ outcome, surface }) =>
      outcome.state === 'undecided' && outcome.verdict === 'question' ? [`${surface}: ${outcome.reason}`] : [],
    );
  return list(
    'Question',
    lines.map((line) => paint('yellow', line)),
  );
}

function describe({ finding, name, outcome }: TestEntry): string {
  if (finding) return `${finding.severity}: ${finding.title}`;
  return outcome.state === 'failed' ? name : `${name} (${outcome.state === 'skipped' ? 'skipped' : 'could not run'})`;
}

function failures(report: RunReport): readonly TestEntry[] {
  return report.groups
    .flatMap((group) => group.tests)
    .filter(({ outcome }) => !['passed', 'undecided'].includes(outcome.state));
}

function unknownLines(report: RunReport, paint: Paint): readonly string[] {
  if (report.summaries.length === 0) return [];
  const lines = report.summaries.flatMap((summary) => [
    ...(summary.failedMigrations.length > 0 ? [`${summary.project}: what the failed migrations would have made`] : []),
    ...summary.unknown.map(({ surface, reason }) => `${summary.project} ${surface}: ${reason}`),
  ]);
  return list('Unknown', lines.length > 0 ? lines.map((line) => paint('yellow', line)) : ['nothing']);
}

function timeLines(report: RunReport): readonly string[] {
  const own = report.stages.map(({ name, milliseconds }) => `${name} ${inSeconds(milliseconds)}`);
  const first = report.firstVerdict === null ? '' : `; first verdict after ${inSeconds(report.firstVerdict)}`;
  const inside = Object.entries(stageTotals(report.summaries)).map(
    ([name, milliseconds]) => `${name} ${inSeconds(milliseconds)}`,
  );
  const within = inside.length > 0 ? [`of that, examinations, over all workers: ${inside.join(', ')}`] : [];
  return list('Time', [`${inSeconds(report.milliseconds)}: ${own.join(', ')}${first}`, ...within]);
}

function stageTotals(summaries: readonly ExaminationSummary[]): { readonly [stage: string]: number } {
  const totals: { [stage: string]: number } = {};
  for (const [stage, milliseconds] of summaries.flatMap((summary) => Object.entries(summary.milliseconds))) {
    totals[stage] = (totals[stage] ?? 0) + milliseconds;
  }
  return totals;
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function list(heading: string, lines: readonly string[]): readonly string[] {
  const rest = lines.length - shown;
  const kept = rest > 0 ? [...lines.slice(0, shown), `… and ${rest} more, in the JUnit report`] : lines;
  return kept.map((line, index) => `  ${(index === 0 ? heading : '').padEnd(8)} ${line}`);
}
