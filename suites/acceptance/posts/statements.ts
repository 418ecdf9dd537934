/** SQL text of calls and writes of associations, values escaped. */

import { ident, literal, qualified } from '../../../fixtures/wire/escape.ts';

/** What an argument may be: arrays are PostgreSQL's own, of uuids; objects travel as JSON. */
export type Value =
  | string
  | number
  | boolean
  | null
  | readonly (string | null)[]
  | { readonly [name: string]: unknown };
export type Arguments = Readonly<Record<string, Value>>;

/** `SELECT` of one function with named arguments: each row of the reply, as JSON, in the column `reply`. */
export function callOf(routine: string, args: Arguments): string {
  const named = Object.entries(args).map(([name, value]) => `${ident(name)} => ${said(value)}`);
  return `SELECT to_jsonb(reply) AS reply FROM ${qualified('public', routine)}(${named.join(', ')}) AS reply`;
}

/** `INSERT` of one association, by column. */
export function insertOf(row: Arguments): string {
  const columns = Object.keys(row).map(ident).join(', ');
  const values = Object.values(row).map(said).join(', ');
  return `INSERT INTO public.post_collectives (${columns}) VALUES (${values})`;
}

/** `UPDATE` of the association of one pair. */
export function updateOf(pair: Pair, set: Arguments): string {
  const columns = Object.entries(set).map(([column, value]) => `${ident(column)} = ${said(value)}`);
  return `UPDATE public.post_collectives SET ${columns.join(', ')}${whereOf(pair)}`;
}

/** `DELETE` of the association of one pair. */
export function deleteOf(pair: Pair): string {
  return `DELETE FROM public.post_collectives${whereOf(pair)}`;
}

/** The two ids by which an association is known. */
export interface Pair {
  readonly post: string;
  readonly collective: string;
}

function whereOf({ post, collective }: Pair): string {
  return ` WHERE post_id = ${literal(post)} AND collective_id = ${literal(collective)}`;
}

function said(value: Value): string {
  if (Array.isArray(value)) return `ARRAY[${value.map(literal).join(', ')}]::uuid[]`;
  return literal(typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as string | number));
}
