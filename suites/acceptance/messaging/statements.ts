/** SQL text of calls and inserts, values escaped. */

import { ident, literal, qualified } from '../../../fixtures/wire/escape.ts';

export type Arguments = Readonly<Record<string, string | null>>;

/** `SELECT` of one RPC with named arguments; its reply is the column `reply`. */
export function callOf(routine: string, args: Arguments): string {
  const named = Object.entries(args).map(([name, value]) => `${ident(name)} => ${literal(value)}`);
  return `SELECT ${qualified('public', routine)}(${named.join(', ')}) AS reply`;
}

/** `INSERT` of one row, by column. */
export function insertOf(table: string, row: Arguments): string {
  const columns = Object.keys(row).map(ident).join(', ');
  const values = Object.values(row).map(literal).join(', ');
  return `INSERT INTO ${qualified('public', table)} (${columns}) VALUES (${values})`;
}
