/** Memory chunks with one row of tenant A and one of tenant B, and the callers who try to reach them. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { act, perform } from '../../../fixtures/act/act.ts';
import { tenant } from '../../../fixtures/act/personas.ts';
import { type Database, openLab } from '../../../fixtures/lab/lab.ts';
import type { Observation } from '../../../fixtures/model/probe.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import type { Session } from '../../../fixtures/wire/session.ts';
import { memoryProject as project } from './project.ts';
import { A, B } from './tenants.ts';

export const stage1 = '20250110090000';

export const idOfA = '00000000-0000-4000-8000-00000000000a';
export const idOfB = '00000000-0000-4000-8000-00000000000b';

export interface Scene extends AsyncDisposable {
  readonly database: Database;
  /** A genuine login, as an application's pooled connection would be. */
  readonly caller: Session;
  /** One statement as app_user with the tenant in the setting (null: unset), rolled back. */
  attempt(tenant: string | null, sql: string): Promise<Observation>;
  /** The same, committed. */
  commit(tenant: string | null, sql: string): Promise<Observation>;
  /** The whole table as it stands, ordered by id. */
  rows(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** A clone of the head, or of the database after `to`, with the rows of A and B. */
export async function openScene(to?: string): Promise<Scene> {
  const lab = openLab(inject('server'));
  const database = await lab.clone(to === undefined ? { project } : { project, to });
  await database.owner.script(insert(idOfA, A, 'document of A') + insert(idOfB, B, 'document of B'));
  const caller = await database.connect();
  return {
    database,
    caller,
    attempt: (hash, sql) => act(caller, { persona: appUser(hash), sql }),
    commit: (hash, sql) => perform(caller, { persona: appUser(hash), sql }),
    rows: async () => (await database.owner.query('SELECT * FROM public.memory_chunks ORDER BY id')).rows,
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

/** The statement that the owner, or a caller, inserts a chunk with; `expires` is SQL. */
export function insert(id: string, hash: string, text: string, expires = 'NULL'): string {
  return `INSERT INTO public.memory_chunks (id, user_hash, doc_id, source, text_plain, embedding, chunk_index, expires_at)
    VALUES (${literal(id)}, ${literal(hash)}, 'doc', 'upload', ${literal(text)}, '{0.5,0.25}', 0, ${expires});`;
}

/** One request of the application: a committed transaction as app_user on a connection that the pool lends out. */
export async function request(
  pooled: Session,
  statements: readonly string[],
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const results = await pooled.script(['BEGIN', 'SET LOCAL ROLE app_user', ...statements, 'COMMIT'].join(';\n'));
  return results.at(-2)?.rows ?? [];
}

export const useTenant = (hash: string | null): string => `SELECT public.memory_use_tenant(${literal(hash)})`;

/** A file of the project's folder. */
export function projectFile(name: string): Promise<string> {
  return readFile(join(project, name), 'utf8');
}

function appUser(hash: string | null) {
  return tenant('app_user', 'app.user_hash', hash);
}
