/** Memory chunks beside their reference model, for random schedules: tenants whose requests share pooled connections. */

import type { Modelled } from '../../chaos/schedule.ts';
import { tenant } from '../../fixtures/act/personas.ts';
import type { Database } from '../../fixtures/lab/lab.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import { A, B, C } from '../acceptance/memory/tenants.ts';
import { apart } from './apart.ts';
import {
  type Caller,
  type Chunk,
  type Command,
  type Outcome,
  type State,
  step,
  type Tenant,
  tenants,
} from './memory-model.ts';

const hashes: { readonly [tenant in Tenant]: string } = { A, B, C };
const table = 'public.memory_chunks';

export function memoryModelled({ owner }: Database): Modelled<State, Command, Command> {
  return {
    gates: [table],
    begin: async () => {
      await owner.script(`DELETE FROM ${table}`);
      return [];
    },
    meant: (_, drawn) => drawn,
    probeOf: (_, command) => ({ persona: personaOf(command.by), sql: sqlOf(command) }),
    after: (state, command, heard) => {
      const [outcome, world] = step(state, command);
      const found = heard === null ? outcome : cameTo(command, heard);
      return { world, differs: found === outcome ? [] : [`expected ${outcome}`, `got      ${found}`] };
    },
    read: async () => {
      const { rows } = await owner.query(`SELECT id, user_hash, text_plain, expires_at FROM ${table}`);
      return JSON.stringify(rows.map(chunkOf));
    },
    found: (world, rows) => ({ world, differs: apart('memory_chunks', world, JSON.parse(rows) as State) }),
    digest: (state) => JSON.stringify(state.toSorted((a, b) => a.id - b.id)),
    words: ({ by, do: verb, ...said }) =>
      [by.padEnd(6), verb, ...Object.entries(said).map(([name, of]) => `${name}=${JSON.stringify(of)}`)].join(' '),
    says: (heard) => String(heard.error?.sqlstate ?? heard.rows[0]?.[0] ?? heard.count),
  };
}

function personaOf(by: Caller) {
  return tenant('app_user', 'app.user_hash', by === 'nobody' ? null : hashes[by], by);
}

function cameTo({ do: verb }: Command, { error, rows, count }: Observation): Outcome {
  if (error) return error.sqlstate;
  const [first] = rows[0] ?? [];
  if (verb === 'list') return JSON.stringify(JSON.parse(first ?? 'null'));
  return verb === 'purge' ? Number(first) : (count ?? -1);
}

function sqlOf(command: Command): string {
  switch (command.do) {
    case 'insert': {
      const { id, of, text, isExpired } = command;
      const values = [uuidOf(id), hashes[of], 'doc', 'upload', text, '{0.5,0.25}', 0].map(literal);
      const expires = isExpired ? "localtimestamp - interval '2 days'" : 'NULL';
      return `INSERT INTO ${table} (id, user_hash, doc_id, source, text_plain, embedding, chunk_index, expires_at)
        VALUES (${values.join(', ')}, ${expires})`;
    }
    case 'write':
      return `UPDATE ${table} SET text_plain = ${literal(command.text)} WHERE id = ${literal(uuidOf(command.id))}`;
    case 'give':
      return `UPDATE ${table} SET user_hash = ${literal(hashes[command.to])} WHERE id = ${literal(uuidOf(command.id))}`;
    case 'remove':
      return `DELETE FROM ${table} WHERE id = ${literal(uuidOf(command.id))}`;
    case 'purge':
      return 'SELECT public.memory_purge_expired()';
    case 'list':
      return `SELECT coalesce(jsonb_agg(jsonb_build_array(right(id::text, 1)::int, text_plain) ORDER BY id), '[]') FROM ${table}`;
  }
}

function uuidOf(id: number): string {
  return `00000000-0000-4000-8000-00000000000${id}`;
}

function chunkOf(row: Readonly<Record<string, unknown>>): Chunk {
  return {
    id: Number(String(row['id']).at(-1)),
    // Of anybody else agrees with no model: the comparison shows it.
    of: tenants.find((name) => hashes[name] === row['user_hash']) as Tenant,
    text: String(row['text_plain']),
    isExpired: row['expires_at'] !== null,
  };
}
