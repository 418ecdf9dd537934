/** What a reviewer reads of a mutation run: the score first, then each survivor with what changed and why nobody noticed. */

import type { MutantResult } from '../fixtures/model/mutant.ts';
import { isSound, type MutationFile } from './mutation.ts';
import { survivorLines } from './mutation-survivors.ts';
import { tallyTable } from './mutation-tables.ts';
import { shellWord } from './screen.ts';
import { many, type Paint } from './terminal.ts';

export interface MutationScreenOptions {
  readonly paint: Paint;
  /** How one mutant alone is tried, e.g. `npm run mutate -- supabase/messaging`. */
  readonly again: string;
  /** Where the reports are, as the reader would name it. */
  readonly out: string;
}

/** What is shown of each list; the rest is in the reports. */
const MOST = { equivalent: 8, reasons: 6 } as const;
const LONGEST = 94;

/** The whole screen, without a trailing line break. */
export function toMutationScreen(file: MutationFile, options: MutationScreenOptions): string {
  const { paint, again, out } = options;
  const { lines, first } = survivorLines(file, paint);
  return [
    mutationVerdict(file, paint),
    ...lines,
    ...(first === null ? [] : ['', paint('dim', `One alone: ${again} --only ${shellWord(first)}`)]),
    ...list('T-tests that do not watch the guard that they name', missedLines(file), MOST.equivalent, options),
    ...list('Equivalent: no caller can tell the difference', equivalentLines(file), MOST.equivalent, options),
    ...list('Invalid: refused by the server, or without effect', reasonsOf(invalid(file)), MOST.reasons, options),
    ...list('Skipped: no mutant could be made', reasonsOf(file.skipped), MOST.reasons, options),
    ...list('Left out: answered twice differently on the project as it is', file.noisy, MOST.reasons, options),
    ...list('Failed migrations: what they would have made was not there', file.failedMigrations, MOST.reasons, options),
    ...tallyTable('By operator', file.operators, paint),
    ...tallyTable('By surface', file.surfaces, paint),
    '',
    timeLine(file),
    paint('dim', `Reports: ${out} (mutation.json, mutation-junit.xml)`),
  ].join('\n');
}

/** `messaging: 96.4% of the mutants killed (412 of 427); 15 survived at 9 guards, …` */
export function mutationVerdict({ project, score, guards, scope }: MutationFile, paint: Paint): string {
  const { killed, survived, percent } = score;
  const others = `${score.equivalent} equivalent, ${score.invalid} invalid, ${score.skipped} skipped`;
  if (percent === null && scope.since !== null && score.equivalent + score.invalid === 0)
    return paint('green', `${project.name}: no guard differs from ${scope.since}`);
  if (percent === null && score.equivalent > 0) return paint('green', `${project.name}: none survived; ${others}`);
  if (percent === null) return paint('yellow', `${project.name}: no mutant could be judged; ${others}`);
  const at = guards.filter((guard) => guard.survived > 0).length;
  const verdict = `${project.name}: ${percent}% of the mutants killed (${killed} of ${killed + survived})`;
  const alive = survived === 0 ? 'none survived' : `${survived} survived at ${many(at, 'guard')}`;
  return `${paint(survived === 0 ? 'green' : 'red', `${verdict}; ${alive}`)}, ${others}`;
}

function missedLines({ watches }: MutationFile): readonly string[] {
  return watches
    .filter((watch) => !isSound(watch))
    .map(({ test, guard, missed, faults }) => `${test}: ${guard} (${[...missed, ...faults].join(', ')})`);
}

/** Each with the beginning of its argument; mutation.json has it whole. */
function equivalentLines({ mutants }: MutationFile): readonly string[] {
  return mutants
    .filter(({ state }) => state === 'equivalent')
    .map(({ key, reason }) => {
      const said = reason.replace(/\s+/g, ' ');
      return `${key}\n    ${said.length > LONGEST ? `${said.slice(0, LONGEST - 1)}…` : said}`;
    });
}

function invalid({ mutants }: MutationFile): readonly MutantResult[] {
  return mutants.filter(({ state }) => state === 'invalid');
}

/** How many of each, the most frequent first. */
function reasonsOf(some: readonly { readonly reason: string; readonly operator: string }[]): readonly string[] {
  const groups = [...Map.groupBy(some, ({ reason }) => reason.split('\n')[0] ?? '')];
  return groups
    .toSorted(([, one], [, other]) => other.length - one.length)
    .map(([reason, those]) => `${String(those.length).padStart(4)}  ${reason}`);
}

function list(
  heading: string,
  lines: readonly string[],
  most: number,
  { paint }: MutationScreenOptions,
): readonly string[] {
  if (lines.length === 0) return [];
  const rest = lines.length - most;
  return [
    '',
    `${paint('bold', heading)} ${paint('dim', `(${lines.length})`)}`,
    ...lines.slice(0, most).map((line) => `  ${line}`),
    ...(rest > 0 ? [`  … and ${rest} more, in mutation.json`] : []),
  ];
}

function timeLine({ run, seed, server, mutants }: MutationFile): string {
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
  const stages = Object.entries(run.stages).map(([name, milliseconds]) => `${name} ${seconds(milliseconds)}`);
  const known = run.resumed === 0 ? '' : `${run.resumed} of ${mutants.length} known from an interrupted run; `;
  const where = `seed ${seed}, PostgreSQL ${server.version} ${server.kind}`;
  return `${known}${run.probes} probes; ${seconds(run.milliseconds)}: ${stages.join(', ')}; ${where}`;
}
