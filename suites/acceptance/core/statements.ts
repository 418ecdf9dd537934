/** SQL text of calls and inserts of the platform core, values escaped. */

import { ident, literal, qualified } from '../../../fixtures/wire/escape.ts';

/** What an argument may be: objects and arrays of objects travel as JSON, arrays of texts as PostgreSQL's. */
export type Value = string | number | boolean | null | readonly unknown[] | { readonly [name: string]: unknown };
export type Arguments = Readonly<Record<string, Value>>;

/** `SELECT` of one RPC with named arguments; its reply is the column `reply`. */
export function callOf(routine: string, args: Arguments): string {
  const named = Object.entries(args).map(([name, value]) => `${ident(name)} => ${said(value)}`);
  return `SELECT ${qualified('public', routine)}(${named.join(', ')}) AS reply`;
}

/** `INSERT` of one row, by column. */
export function insertOf(table: string, row: Arguments): string {
  const columns = Object.keys(row).map(ident).join(', ');
  const values = Object.values(row).map(said).join(', ');
  return `INSERT INTO ${qualified('public', table)} (${columns}) VALUES (${values})`;
}

function said(value: Value): string {
  return literal(typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
}
