/** Reads the first JSON value of a text and ignores what follows it, as the original's decoder does. Numbers keep their spelling. */

/** A number as it was written: `5`, `5.0` and `5e0` are not the same to a field of integers. */
export interface Numeral {
  readonly numeral: string;
}

/** Members in the order in which they were written; a name may come twice. */
export interface Members {
  readonly members: readonly (readonly [string, Json])[];
}

export type Json = null | boolean | string | Numeral | Members | readonly Json[];

const deepest = 1000;
const space = /[ \t\r\n]*/y;
const text = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;

interface Cursor {
  readonly source: string;
  at: number;
}

/** @throws SyntaxError where there is no value, or only the beginning of one. */
export function firstValue(source: string): Json {
  const cursor = { source, at: 0 };
  take(cursor, space);
  if (cursor.at === source.length) throw new SyntaxError('EOF');
  return value(cursor, 0);
}

function value(cursor: Cursor, depth: number): Json {
  if (depth > deepest) throw new SyntaxError('exceeded max depth');
  take(cursor, space);
  if (skip(cursor, '{')) return { members: list(cursor, '}', () => member(cursor, depth)) };
  if (skip(cursor, '[')) return list(cursor, ']', () => value(cursor, depth + 1));
  const quoted = take(cursor, text);
  if (quoted !== '') return unquoted(quoted);
  const known = take(cursor, word);
  if (known !== '') return known === 'null' ? null : known === 'true';
  const numeral = take(cursor, number);
  if (numeral !== '') return { numeral };
  throw unexpected(cursor);
}

function member(cursor: Cursor, depth: number): readonly [string, Json] {
  const name = take(cursor, text);
  if (name === '') throw unexpected(cursor);
  take(cursor, space);
  if (!skip(cursor, ':')) throw unexpected(cursor);
  return [unquoted(name), value(cursor, depth + 1)];
}

function list<Item>(cursor: Cursor, close: string, item: () => Item): readonly Item[] {
  const items: Item[] = [];
  take(cursor, space);
  if (skip(cursor, close)) return items;
  for (;;) {
    take(cursor, space);
    items.push(item());
    take(cursor, space);
    if (skip(cursor, close)) return items;
    if (!skip(cursor, ',')) throw unexpected(cursor);
  }
}

/** @throws SyntaxError where a text holds what none may */
function unquoted(quoted: string): string {
  return String(JSON.parse(quoted)).toWellFormed();
}

function take(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.source)?.[0] ?? '';
  cursor.at += found.length;
  return found;
}

function skip(cursor: Cursor, sign: string): boolean {
  if (cursor.source[cursor.at] !== sign) return false;
  cursor.at += 1;
  return true;
}

function unexpected({ source, at }: Cursor): SyntaxError {
  const found = source[at];
  return new SyntaxError(found === undefined ? 'unexpected EOF' : `invalid character ${JSON.stringify(found)}`);
}
