/** What an act does to a database, but for what no two runs have in common; and whether something else did the same. */

import type { Stored } from './model.ts';
import type { Change, Leaves } from './stored.ts';

/** By table and kind of change: the values that differ from run to run, such as keys, times and digests of them. */
export type Volatile = ReadonlyMap<string, ReadonlySet<string>>;

/** What is stored after the act, made once and made twice, one text a row. */
export interface Effects {
  readonly volatile: Volatile;
  readonly once: readonly string[];
  readonly twice: readonly string[];
}

/** Two runs of the same, from equal databases: after one call, and after a second. */
export interface Run {
  readonly once: readonly Change[];
  readonly twice: readonly Change[];
}

export function effectsOf(one: Run, other: Run): Effects {
  const volatile = new Map<string, Set<string>>();
  for (const [mine, theirs] of [
    [one.once, other.once],
    [one.twice, other.twice],
  ] as const) {
    for (const [place, paths] of differing(mine, theirs))
      volatile.set(place, new Set([...(volatile.get(place) ?? []), ...paths]));
  }
  return { volatile, once: said(one.once, volatile), twice: said(one.twice, volatile) };
}

/**
 * Which of the effects the changes are. Where an act does nothing, nothing is `absent`.
 * @param declined the call said that it was not done: it may have taken a note of that, as it does of each call, but no other row
 */
export function storedBy(changes: readonly Change[], { volatile, once, twice }: Effects, declined: boolean): Stored {
  const seen = said(changes, volatile);
  if (seen.length === 0) return 'absent';
  const more = without(twice, once);
  // A second call that does less than the first has only noted that it came.
  const own = more.length < once.length ? without(once, more) : once;
  const notes = changes.every(({ kind }) => kind === 'insert') && without(own, seen).length === own.length;
  if (declined && notes) return 'absent';
  if (isSame(seen, once)) return 'once';
  return isSame(seen, twice) ? 'twice' : 'other';
}

/** In words: what of the act is there and what is not, and what it never does. */
export function oddities(changes: readonly Change[], { volatile, once }: Effects): readonly string[] {
  const seen = said(changes, volatile);
  const missing = without(once, seen);
  const besides = without(seen, once);
  const done = once.length - missing.length;
  return [
    ...(done > 0 && missing.length > 0
      ? [`${done} of its ${once.length} rows are stored, without ${namesOf(missing)}`]
      : []),
    ...(besides.length > 0 ? [`rows that it never writes: ${namesOf(besides)}`] : []),
  ];
}

/** Tables in which a second call changes more than the first one did. */
export function changedAgain({ once, twice }: Effects): readonly string[] {
  return [...new Set(without(twice, once).map((one) => placeIn(one).replace(/^\w+ /, '')))];
}

/** What of the reply is the same whenever the call does the same; `volatile` as of the replies of two runs. */
export function differingLeaves(one: Leaves, other: Leaves): ReadonlySet<string> {
  const paths = [...new Set([...one.keys(), ...other.keys()])];
  return new Set(paths.filter((path) => one.get(path) !== other.get(path) || isMoment(one.get(path))));
}

function said(changes: readonly Change[], volatile: Volatile): readonly string[] {
  return changes.map((change) => sentence(change, volatile.get(placeOf(change)) ?? new Set())).toSorted();
}

/** The key of a new row is among its values; that of an old one is known from before. */
function sentence({ table, kind, key, leaves }: Change, volatile: ReadonlySet<string>): string {
  const known = [...leaves].filter(([path]) => !volatile.has(path)).toSorted();
  return JSON.stringify([`${kind} ${table}`, kind === 'insert' ? null : key, known]);
}

function placeOf({ table, kind }: Change): string {
  return `${kind} ${table}`;
}

function differing(one: readonly Change[], other: readonly Change[]): ReadonlyMap<string, ReadonlySet<string>> {
  const mine = Map.groupBy(one, placeOf);
  const theirs = Map.groupBy(other, placeOf);
  return new Map(
    [...new Set([...mine.keys(), ...theirs.keys()])].map((place) => [
      place,
      differingPaths(mine.get(place) ?? [], theirs.get(place) ?? []),
    ]),
  );
}

function differingPaths(one: readonly Change[], other: readonly Change[]): ReadonlySet<string> {
  const paths = new Set([...one, ...other].flatMap(({ leaves }) => [...leaves.keys()]));
  const valuesAt = (changes: readonly Change[], path: string) =>
    changes.map(({ leaves }) => leaves.get(path) ?? '').toSorted();
  return new Set(
    [...paths].filter((path) => {
      const values = valuesAt(one, path);
      return values.some(isMoment) || JSON.stringify(values) !== JSON.stringify(valuesAt(other, path));
    }),
  );
}

/** Two runs within one tick of a clock that is cut to minutes would hide that a value is a time. */
function isMoment(value: string | undefined): boolean {
  return /^"\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value ?? '');
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function without(some: readonly string[], taken: readonly string[]): readonly string[] {
  const left = [...taken];
  return some.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function namesOf(sentences: readonly string[]): string {
  const names = sentences.map(placeIn);
  return [...Map.groupBy(names, (name) => name)].map(([name, some]) => `${name} × ${some.length}`).join(', ');
}

/** `insert public.notes` */
function placeIn(one: string): string {
  return String((JSON.parse(one) as readonly unknown[])[0]);
}
