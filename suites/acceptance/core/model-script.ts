/** A run as a script that anyone can follow: one line a command, and where database and model part. */

import { isDeepStrictEqual } from 'node:util';
import type { Called, Command } from './model-commands.ts';
import type { Row, Rows } from './model-rows.ts';
import { closed, type Policy, type Reply } from './model-state.ts';

/** One command, or two at once. */
export type Taken = readonly [Command] | readonly [Called, Called];

/** Thrown where the database and the model disagree: what led there, line by line, and in what they differ. */
export class Disagreement extends Error {
  override name = 'Disagreement';
  readonly taken: readonly Taken[];
  constructor(taken: readonly Taken[], lines: readonly string[], parted: readonly string[]) {
    const numbered = lines.map((line, at) => `${String(at + 1).padStart(3)}  ${line}`);
    super([...numbered, ...parted.map((line) => `       ${line}`)].join('\n'));
    this.taken = taken;
  }
}

/** Who does what, with all that was said. */
export function words(command: Command): string {
  const { do: verb, ...said } = { by: '(time)', ...command };
  const { by, ...rest } = said;
  const parts = Object.entries(rest).map(([name, value]) => `${name}=${short(name, value)}`);
  return [by.padEnd(8), verb, ...parts].join(' ');
}

/** Of a policy what is not as in most. */
function short(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (name !== 'policy') return JSON.stringify(value);
  const usual = { ...closed } as Readonly<Record<string, unknown>>;
  const other = Object.entries(value as Policy).filter(([field, of]) => !isDeepStrictEqual(of, usual[field]));
  return JSON.stringify(Object.fromEntries(other));
}

/** What a reply says first. */
export function codeOf(reply: Reply): string {
  return String(reply['code'] ?? `SQLSTATE ${reply['sqlstate']}`);
}

/** Whether two replies say the same; rows of a look and dialogs come in any order. */
export function sameReply(expected: Reply, found: Reply): boolean {
  return isDeepStrictEqual(settled(expected), settled(found));
}

/** As JSON would carry it, lists that have no order sorted. */
function settled(reply: Reply): unknown {
  const { rows, dialogs, ...rest } = JSON.parse(JSON.stringify(reply)) as Record<string, unknown>;
  return { ...rest, rows: sorted(rows), dialogs: sorted(dialogs) };
}

function sorted(list: unknown): unknown {
  return Array.isArray(list)
    ? list.map(deeplySorted).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    : list;
}

/** Rows that are on one side alone, table by table. */
export function difference(model: Rows, database: Rows): readonly string[] {
  return Object.keys({ ...model, ...database }).flatMap((table) => {
    const [left, right] = [linesOf(model[table]), linesOf(database[table])];
    return [
      ...without(left, right).map((row) => `${table}, only in the model:    ${row}`),
      ...without(right, left).map((row) => `${table}, only in the database: ${row}`),
    ];
  });
}

function linesOf(rows: readonly Row[] = []): readonly string[] {
  return rows.map((row) => JSON.stringify(deeplySorted(row)));
}

function deeplySorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deeplySorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, of]) => [name, deeplySorted(of)]));
}

function without(all: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return all.filter((row) => {
    const at = left.indexOf(row);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
