/** What a reviewer reads of a check: the verdict first, then each finding with its cause, its repair and its replay. */

import { SEVERITIES } from '../fixtures/engine/telling.ts';
import type { Severity } from '../fixtures/model/verdict.ts';
import { doorNote, reachText } from './finding.ts';
import type { FindingEntry, FindingsFile } from './findings.ts';
import { many, type Paint } from './terminal.ts';

export interface ScreenOptions {
  readonly paint: Paint;
  /** How a replay is started, e.g. `npm run replay --`. */
  readonly replay: string;
  /** Where the reports are, as the reader would name it. */
  readonly out: string;
  /** Which guards are watched, as the last mutation run knows it. */
  readonly guards: string;
}

/** What is shown of each list; the rest is in the reports. */
const MOST = { causes: 8, low: 5, together: 3, lines: 8, questions: 6, unknown: 8, failed: 6, notCovered: 4 } as const;

const COLOUR = { critical: 'red', high: 'red', medium: 'yellow', low: 'dim' } as const satisfies Record<
  Severity,
  string
>;

/** The whole screen, without a trailing line break. */
export function toScreen(file: FindingsFile, options: ScreenOptions): string {
  return [
    verdictLine(file, options.paint),
    ...findingLines(file, options),
    ...list(
      'Questions: is this meant? (settle them in access.yaml)',
      MOST.questions,
      file.questions.map((one) => `${placeOf(one.surface)}: ${one.observed}`),
      options,
    ),
    ...list('Unknown: could not be tried', MOST.unknown, unknownLines(file), options),
    ...list(
      'Failed migrations: what is at fault in them was not there to be examined',
      MOST.failed,
      failedLines(file),
      options,
    ),
    ...list('Stand-ins for what this server cannot have', MOST.notCovered, file.stubs, options),
    ...list('Notes on the files', MOST.notCovered, file.migrations.notes, options),
    ...list('Not covered', MOST.notCovered, file.coverage.notCovered, options),
    ...list('Waivers', MOST.notCovered, file.waivers, options),
    '',
    options.guards,
    ...httpLines(file),
    timeLine(file),
    options.paint('dim', `Reports: ${options.out} (findings.json, junit.xml, witness/)`),
  ].join('\n');
}

/** `3 findings (1 critical, 2 high), 1 question, 2 unknown; 12/12 tables populated, …` */
export function verdictLine(file: FindingsFile, paint: Paint): string {
  const { findings, questions, unknown, coverage, project } = file;
  const counts = SEVERITIES.flatMap((severity) => {
    const count = findings.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  const found = counts.length === 0 ? 'no findings' : `${many(findings.length, 'finding')} (${counts.join(', ')})`;
  const serious = findings.some(({ severity, door }) => severity !== 'low' && door !== 'gateway');
  const failed = file.migrations.failed.length;
  const covered = [
    `${coverage.relations.populated}/${coverage.relations.total} tables populated`,
    `${coverage.policies.exercised}/${coverage.policies.total} policies exercised`,
    `${coverage.routines.reached}/${coverage.routines.total} functions reached`,
    ...(failed > 0 ? [`${many(failed, 'migration')} failed`] : []),
  ];
  const causes = new Set(unknown.map((one) => reasonOf(one, findings))).size;
  const few = causes === unknown.length ? '' : causes === 1 ? ', of one cause' : `, of ${causes} causes`;
  const verdict = `${project.name}: ${found}, ${many(questions.length, 'question')}, ${unknown.length} unknown${few}`;
  const colour = serious ? 'red' : unknown.length + questions.length + failed > 0 ? 'yellow' : 'green';
  return `${paint(colour, verdict)}; ${covered.join(', ')}`;
}

function findingLines(file: FindingsFile, options: ScreenOptions): readonly string[] {
  const serious = file.findings.filter(({ severity }) => severity !== 'low');
  const causes = [...Map.groupBy(serious, ({ cause }) => cause).values()];
  const rest = causes.slice(MOST.causes).flat();
  const low = file.findings.filter(({ severity }) => severity === 'low');
  return [
    ...causes.slice(0, MOST.causes).flatMap((group) => causeLines(group, options)),
    ...(rest.length === 0 ? [] : ['', `… and ${many(rest.length, 'finding')} more, in findings.json`]),
    ...list(
      'Low: hygiene, or nothing that a request through the API can do',
      MOST.low,
      low.map(({ title, key }) => `${title}  ${options.paint('dim', key)}`),
      options,
    ),
  ];
}

/** One cause: the first finding in full, what else it lets happen in a line each. */
function causeLines(group: readonly FindingEntry[], { paint, replay }: ScreenOptions): readonly string[] {
  const [first, ...others] = group;
  if (!first) return [];
  const where = first.source === null ? '' : `  ${first.source.file}:${first.source.line}`;
  const also = others.slice(0, MOST.together).map((one) => `           also ${one.severity}: ${one.title}`);
  const more =
    others.length > MOST.together ? [`           and ${others.length - MOST.together} more of this cause`] : [];
  return [
    '',
    `${paint(COLOUR[first.severity], first.severity.toUpperCase().padEnd(8))} ${paint('bold', sentence(first.title))}`,
    `  expected ${indented(first.expected)}`,
    `  observed ${indented(first.observed)}`,
    ...(first.door === null ? [] : [`  door     ${doorNote(first.door)}`]),
    ...(first.reachedBecause === null ? [] : [`  reach    ${reachText(first)}`]),
    `  cause    ${first.cause}${paint('dim', where)}`,
    ...excerpt(telling(first)).map((line) => paint('dim', `           ${line}`)),
    `  repair   ${indented(first.repair)}`,
    ...also,
    ...more,
    `  replay   ${replay} ${shellWord(first.key)}`,
  ];
}

function indented(text: string): string {
  return text.replaceAll('\n', '\n           ');
}

function sentence(text: string): string {
  return text.replace(/^./, (letter) => letter.toUpperCase());
}

/** Of a function the lines that ask, or should ask, who calls. */
function telling({ cause, allowedBy }: FindingEntry): string {
  if (!cause.startsWith('function ')) return allowedBy;
  const [head = '', ...lines] = allowedBy.split('\n');
  const asking = lines.filter((line) => ASKS.test(line));
  return [head, ...(asking.length > 0 ? asking : ['… no line of its own asks who calls'])].join('\n');
}

const ASKS = /auth\.\w+\(\)|current_setting|current_user|session_user|request\.jwt/i;

function excerpt(text: string): readonly string[] {
  const lines = text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  const kept = lines.slice(0, MOST.lines).map((line) => (line.length > 160 ? `${line.slice(0, 159)}…` : line));
  return lines.length > MOST.lines ? [...kept, `… ${lines.length - MOST.lines} more lines`] : kept;
}

function placeOf({ schema, name, signature, verb }: FindingEntry['surface']): string {
  return `${verb} ${schema === null ? '' : `${schema}.`}${name}${signature === null ? '' : `(${signature})`}`;
}

function failedLine({ file, line, message, sqlstate, kept: [applied, all] }: Failed): string {
  const slow = sqlstate === '57014' ? ': a statement may take 30 s unless its file sets statement_timeout' : '';
  const rest = applied === 0 ? '' : `; ${applied} of its ${all} statements apply`;
  return `${file}:${line} ${message} (SQLSTATE ${sqlstate})${slow}${rest}`;
}

type Failed = FindingsFile['migrations']['failed'][number];

/** Surfaces that could not be tried for the same reason stand together. */
function unknownLines({ unknown, findings }: FindingsFile): readonly string[] {
  return [...Map.groupBy(unknown, (one) => reasonOf(one, findings))].map(([reason, some]) => {
    const places = [...new Set(some.map(({ surface }) => placeOf(surface)))];
    const more = places.length > MOST.together ? ` and ${places.length - MOST.together} more` : '';
    return `${places.slice(0, MOST.together).join(', ')}${more}: ${reason}`;
  });
}

/** Whatever a policy stops that calls itself is repaired with it. */
function reasonOf({ surface, reason }: FindingsFile['unknown'][number], findings: FindingsFile['findings']): string {
  const recursion = findings.filter(({ attack }) => attack === 'read-policy-recursion').map(({ key }) => key);
  if (recursion.length > 0 && /\b(42P17|54001)\b/.test(reason))
    return `their policies come to one that calls itself; repair ${recursion.slice(0, MOST.together).join(', ')} first`;
  if (/access\.yaml|seed\.sql/.test(reason)) return reason;
  if (surface.kind === 'routine') return `${reason}; give an example call in access.yaml`;
  return /no row/.test(reason) ? `${reason}; give rows in seed.sql` : reason;
}

function list(heading: string, most: number, lines: readonly string[], { paint }: ScreenOptions): readonly string[] {
  if (lines.length === 0) return [];
  const once = [...new Set(lines)];
  const rest = once.length - most;
  return [
    '',
    paint('bold', heading),
    ...once.slice(0, most).map((line) => `  ${line}`),
    ...(rest > 0 ? [`  … and ${rest} more, in findings.json`] : []),
  ];
}

/** Those that fail by themselves; how many only miss what these would have made. */
function failedLines({ migrations: { failed } }: FindingsFile): readonly string[] {
  const followers = failed.filter(({ follows }) => follows !== null);
  const lines = failed.filter(({ follows }) => follows === null).map(failedLine);
  if (followers.length === 0) return lines;
  return [
    `${followers.length} of these only miss what others would have made: ${followers
      .slice(0, MOST.together)
      .map(({ file }) => file)
      .join(', ')}`,
    ...lines,
  ];
}

function httpLines({ http: { door, tried, held } }: FindingsFile): readonly string[] {
  return door === null ? [] : [`Over HTTP: ${many(tried, 'surface')} tried, ${held} held (${door})`];
}

function timeLine({ run, seed, server }: FindingsFile): string {
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
  const stages = Object.entries(run.stages).map(([name, milliseconds]) => `${name} ${seconds(milliseconds)}`);
  return `${run.probes} probes, ${run.probesPerSecond} a second; ${seconds(run.milliseconds)}: ${stages.join(', ')}; seed ${seed}, PostgreSQL ${server.version} ${server.kind}`;
}

/** Ready to be pasted into a shell. */
export function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
