/** Tables about mutants: counts by operator and surface, and which guard is watched by whom. */

import { isUnwatched, percentKilled, type Tally, type WatchedGuard } from '../fixtures/mutate/score.ts';
import type { MutationFile } from './mutation.ts';
import { many, type Paint } from './terminal.ts';

type Row = MutationFile['operators'][number];

const COLUMNS = ['killed', 'survived', 'equivalent', 'invalid', 'skipped'] as const satisfies readonly (keyof Tally)[];
/** Lines of one table; names longer than this are cut. */
const MOST = 8;
const NAME = 42;
const GUARD = 60;
const MOST_NAMED = 3;

/** Lines with survivors in full, the worst first; all others together in one. */
export function tallyTable(heading: string, rows: readonly Row[], paint: Paint): readonly string[] {
  if (rows.length === 0) return [];
  const open = rows
    .filter(({ survived }) => survived > 0)
    .toSorted((one, other) => (one.percent ?? 0) - (other.percent ?? 0) || other.survived - one.survived);
  const shown = open.slice(0, MOST);
  const rest = open.length > MOST ? [together(`${open.length - MOST} more`, open.slice(MOST))] : [];
  const closed = rows.filter(({ survived }) => survived === 0);
  const whole = closed.length === 0 ? [] : [together(`${closed.length} without survivors`, closed)];
  return [
    '',
    paint('bold', `${heading.padEnd(NAME + 2)}${COLUMNS.map((name) => `  ${name}`).join('')}   score`),
    ...shown.map((row) => paint('red', tallyLine(row))),
    ...rest.map((row) => paint('red', tallyLine(row))),
    ...whole.map(tallyLine),
  ];
}

function together(name: string, rows: readonly Row[]): Row {
  const sum = (column: keyof Tally) => rows.reduce((total, row) => total + row[column], 0);
  const tally = {
    killed: sum('killed'),
    survived: sum('survived'),
    equivalent: sum('equivalent'),
    invalid: sum('invalid'),
    skipped: sum('skipped'),
  };
  return { name, ...tally, percent: percentKilled(tally) };
}

function tallyLine(row: Row): string {
  const name = row.name.length > NAME ? `${row.name.slice(0, NAME - 1)}…` : row.name;
  const counts = COLUMNS.map((column) => String(row[column]).padStart(column.length + 2)).join('');
  return `  ${name.padEnd(NAME)}${counts}${(row.percent === null ? '–' : `${row.percent}%`).padStart(8)}`;
}

/** Every guard with who watches it, by surface; those first that nobody does are marked, not moved. */
export function watchTable(guards: readonly WatchedGuard[], paint: Paint): string {
  const surfaces = [...Map.groupBy(guards, ({ surface }) => surface)];
  const lines = surfaces.flatMap(([surface, some]) => [
    '',
    paint('bold', surface),
    ...some.map((guard) => watchLine(guard, paint)),
  ]);
  return [`Guards: ${watchedCount(guards)}`, ...lines].join('\n');
}

/** `57 of 60 watched`; guards of which no mutant could be judged are none of them. */
export function watchedCount(guards: readonly WatchedGuard[]): string {
  const judged = guards.filter(({ killed, survived }) => killed + survived > 0);
  const watched = judged.filter((guard) => !isUnwatched(guard)).length;
  const rest = guards.length - judged.length;
  return `${watched} of ${judged.length} watched${rest === 0 ? '' : `; ${rest} could not be judged`}`;
}

/** For the screen of a check. Null: no mutation run of the project in this state is known. */
export function guardsLine(guards: readonly WatchedGuard[] | null, command: string): string {
  if (guards === null) return `Guards: not measured (${command})`;
  const unwatched = guards.filter(isUnwatched).map(({ guard }) => guard);
  if (unwatched.length === 0) return `Guards: ${watchedCount(guards)}`;
  const more = unwatched.length > MOST_NAMED ? ` and ${unwatched.length - MOST_NAMED} more` : '';
  const named = unwatched.slice(0, MOST_NAMED).join(', ');
  return `Guards: ${watchedCount(guards)}; unwatched: ${named}${more} (${command} --map)`;
}

function watchLine(guard: WatchedGuard, paint: Paint): string {
  const { killed, survived, equivalent, watchedBy } = guard;
  // The whole name: guards.yaml wants it.
  const start = `  ${guard.guard.padEnd(GUARD)}  `;
  if (isUnwatched(guard)) return paint('red', `${start}UNWATCHED: ${many(survived, 'mutant')} survived`);
  if (killed === 0) return paint('dim', `${start}${equivalent > 0 ? 'only equivalent mutants' : 'not judged'}`);
  const some = survived === 0 ? '' : paint('yellow', ` (${survived} of ${killed + survived} survived)`);
  return `${start}${watchedBy.join(', ')}${some}`;
}
