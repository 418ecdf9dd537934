/** Two versions of some SQL as a small diff: only what differs, with a little of what stands around it. */

import { parseStatements, sayLine, type Tree } from '../fixtures/sql/parse.ts';

export interface DifferingLine {
  readonly sign: '-' | '+';
  readonly text: string;
}

/** Of what stands before and after a difference in a line, at least this much. */
const AROUND = 12;
const MOST_LINES = 5;

/** @param width of a line, its sign not counted */
export function difference(was: string, is: string, width: number): readonly DifferingLine[] {
  const said = [was, is].map(printed);
  const [one = [], other = []] = [was, is].map((sql, at) => linesOf(said.includes(null) ? sql : (said[at] ?? '')));
  const { start, end } = common(one, other);
  const before = one.slice(start, one.length - end);
  const after = other.slice(start, other.length - end);
  const [from, to] = [before.join('\n'), after.join('\n')];
  const both = before.length === 1 && after.length === 1 ? withinLine(from, to, width) : [from, to];
  const lines = both.map(linesOf);
  const indent = Math.min(...lines.flat().map((line) => line.search(/\S/)));
  return lines.flatMap((some, at) =>
    signed(
      at === 0 ? '-' : '+',
      some.map((line) => line.slice(indent)),
      width,
    ),
  );
}

/** As the parser's printer says it: the catalog has other spaces and parentheses. Null: it is no whole statement. */
function printed(sql: string): string | null {
  if (sql === '') return '';
  try {
    const statements = parseStatements<Tree>(sql).stmts ?? [];
    return statements.map(({ stmt }) => (stmt === undefined ? '' : sayLine(stmt))).join(';\n');
  } catch {
    // Lines of a function's body: shown as they are.
    return null;
  }
}

function linesOf(sql: string): readonly string[] {
  return sql
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}

/** How many items two lists begin and end with together. */
function common<T>(one: readonly T[], other: readonly T[]): { readonly start: number; readonly end: number } {
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < shorter - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  return { start, end };
}

/** Whole where both fit, else with `…` for most of what both begin and end with. */
function withinLine(was: string, is: string, width: number): readonly string[] {
  if (was.length <= width && is.length <= width) return [was, is];
  const texts = [was, is].map((text) => text.match(/[\w"$']+|\s+|./gu) ?? []);
  const { start, end } = common(texts[0] ?? [], texts[1] ?? []);
  const parts = texts.map((tokens) => ({
    head: tokens.slice(0, start).join(''),
    middle: tokens.slice(start, tokens.length - end).join(''),
    tail: tokens.slice(tokens.length - end).join(''),
  }));
  const longest = Math.max(...parts.map(({ middle }) => middle.length));
  const room = Math.max(AROUND, Math.floor((width - longest) / 2));
  return parts.map(({ head, middle, tail }) => `${ending(head, room)}${middle}${beginning(tail, room)}`);
}

/** The last of a text, from the beginning of a word. */
function ending(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(-most + 1);
  const word = cut.search(/\s/);
  return `…${word === -1 ? cut : cut.slice(word)}`;
}

function beginning(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1);
  const space = cut.lastIndexOf(' ');
  return `${space === -1 ? cut : cut.slice(0, space)} …`;
}

function signed(sign: '-' | '+', lines: readonly string[], width: number): readonly DifferingLine[] {
  const wrapped = lines.flatMap((line) => folded(line, width));
  const kept = wrapped.slice(0, MOST_LINES);
  const rest = wrapped.length - kept.length;
  if (rest > 0) kept.push(`… and ${rest} more lines`);
  return kept.map((text) => ({ sign, text }));
}

/** A long line as several, broken between words. */
export function folded(line: string, width: number): readonly string[] {
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const at = space <= indent.length + 2 ? width : space;
    lines.push(rest.slice(0, at).trimEnd());
    rest = `${indent}  ${rest.slice(at).trimStart()}`;
  }
  return [...lines, rest];
}
