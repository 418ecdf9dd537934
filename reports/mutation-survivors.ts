/** The survivors of a mutation run on a screen: each kind of change in full a few times, what is alike in a line. */

import type { MutantResult } from '../fixtures/model/mutant.ts';
import { isUnwatched, type WatchedGuard } from '../fixtures/mutate/score.ts';
import { difference, folded } from './difference.ts';
import type { MutationFile } from './mutation.ts';
import { many, type Paint } from './terminal.ts';

/** Guards that are shown in full, mutants of each, and guards at which one operator is; the rest has a line for each operator. */
const MOST = { guards: 8, together: 3, alike: 2, operators: 8 } as const;
/** Of a line of SQL, so that it fits into 100 columns with what stands before it. */
const WIDTH = 90;

interface Shown {
  readonly guard: WatchedGuard;
  readonly mutants: readonly MutantResult[];
}

/** @returns the lines, and the key of the mutant that stands first; null: none survived */
export function survivorLines(
  file: MutationFile,
  paint: Paint,
): { readonly lines: readonly string[]; readonly first: string | null } {
  const survivors = file.mutants.filter(({ state }) => state === 'survived');
  const shown = chosen(file.guards, survivors);
  const rest = survivors.filter((one) => !shown.some(({ mutants }) => mutants.includes(one)));
  return {
    lines: [...shown.flatMap((one) => guardLines(one, paint)), ...restLines(rest, paint)],
    first: shown[0]?.mutants[0]?.key ?? null,
  };
}

/** What keeps data whole comes after what keeps people apart, and in each what somebody watches after what nobody does. */
function weightOf(guard: WatchedGuard): number {
  return (/^(?:trigger|constraint) /.test(guard.guard) ? 2 : 0) + (isUnwatched(guard) ? 0 : 1);
}

function chosen(guards: readonly WatchedGuard[], survivors: readonly MutantResult[]): readonly Shown[] {
  const times = new Map<string, number>();
  const shown: Shown[] = [];
  for (const guard of guards.toSorted((one, other) => weightOf(one) - weightOf(other))) {
    if (shown.length === MOST.guards) break;
    const own = survivors.filter((one) => one.guard === guard.guard && one.surface === guard.surface);
    const fresh = own.filter(({ operator }) => (times.get(operator) ?? 0) < MOST.alike).slice(0, MOST.together);
    for (const operator of new Set(fresh.map((one) => one.operator)))
      times.set(operator, (times.get(operator) ?? 0) + 1);
    if (fresh.length > 0) shown.push({ guard, mutants: fresh });
  }
  return shown;
}

function guardLines({ guard, mutants }: Shown, paint: Paint): readonly string[] {
  const { killed, survived, watchedBy } = guard;
  const word = isUnwatched(guard) ? paint('red', 'UNWATCHED') : paint('yellow', 'SURVIVED ');
  const watched = isUnwatched(guard) ? '' : `; watched by ${few(watchedBy)}`;
  return [
    '',
    `${word} ${paint('bold', guard.guard)}`,
    paint('dim', `  ${survived} of ${many(killed + survived, 'mutant')} survived${watched}`),
    ...mutants.flatMap((one) => mutantLines(one, paint)),
  ];
}

function mutantLines({ operator, was, is, tried, reason }: MutantResult, paint: Paint): readonly string[] {
  const changed = difference(was, is, WIDTH).map(({ sign, text }) =>
    paint(sign === '-' ? 'red' : 'green', `    ${sign} ${text}`),
  );
  const [first = '', second, ...more] = folded(whyAlive(tried, reason), WIDTH);
  const rest = second === undefined ? [] : [`${second}${more.length > 0 ? ' …' : ''}`];
  return [`  ${operator}`, ...changed, ...[first, ...rest].map((line) => `    ${line.trimStart()}`)];
}

/** Most reasons say themselves how many probes there were. */
export function whyAlive(tried: number, reason: string): string {
  return /\d+ probes?\b/.test(reason) ? reason : `${many(tried, 'probe')} tried. ${reason}`;
}

/** By operator, the most frequent first. */
function restLines(rest: readonly MutantResult[], paint: Paint): readonly string[] {
  if (rest.length === 0) return [];
  const groups = [...Map.groupBy(rest, ({ operator }) => operator)].toSorted(
    ([, one], [, other]) => other.length - one.length,
  );
  const more = groups.length - MOST.operators;
  return [
    '',
    `${paint('bold', 'Survived, too')} ${paint('dim', `(${rest.length}, all in mutation.json)`)}`,
    ...groups.slice(0, MOST.operators).map(([operator, some]) => restLine(operator, some)),
    ...(more > 0 ? [`  … and ${more} more operators`] : []),
  ];
}

/** As many guards as a line holds. */
function restLine(operator: string, some: readonly MutantResult[]): string {
  const guards = [...new Set(some.map(({ guard }) => guard))];
  const start = `${String(some.length).padStart(5)}  ${operator}: `;
  const named = guards.findLastIndex((_, at) => start.length + guards.slice(0, at + 1).join(', ').length <= WIDTH);
  const most = Math.max(1, named + 1);
  const more = guards.length - most;
  return `${start}${guards.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function few(names: readonly string[]): string {
  const more = names.length - MOST.together;
  return `${names.slice(0, MOST.together).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
