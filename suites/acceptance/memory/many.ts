/** Many chunks of many tenants, and the query that retrieves a tenant's nearest: what the service levels are measured on. */

import { createHash } from 'node:crypto';
import type { Session } from '../../../fixtures/wire/session.ts';

export interface Size {
  readonly chunks: number;
  readonly tenants: number;
  readonly dimensions: number;
}

/** A tenant's ten chunks nearest to the embedding $1, by dot product. */
export const nearest = `
  SELECT id, doc_id, chunk_index, (SELECT sum(x * y) FROM unnest(embedding, $1::float8[]) AS pair (x, y)) AS score
  FROM public.memory_chunks
  ORDER BY score DESC
  LIMIT 10`;

/** Tenant number `n`, counted from 0. */
export function tenantHash(n: number): string {
  return createHash('sha256').update(`tenant ${n}`).digest('hex');
}

/** Inserts `chunks` rows dealt out to the tenants in turn, and lets the planner know them. */
export async function fillWithMany(owner: Session, { chunks, tenants, dimensions }: Size): Promise<void> {
  await owner.query(
    `INSERT INTO public.memory_chunks (user_hash, doc_id, source, embedding, chunk_index, created_at)
     SELECT encode(sha256(('tenant ' || n % $2::int)::bytea), 'hex'),
       'doc ' || n / 100,
       'upload',
       (SELECT array_agg(sin(n * 7.0 + d)) FROM generate_series(1, $3::int) AS d),
       n % 100,
       now() - n * interval '1 second'
     FROM generate_series(0, $1::int - 1) AS n`,
    [chunks, tenants, dimensions],
  );
  await owner.query('ANALYZE public.memory_chunks');
}

/** A query's embedding. */
export function embeddingOf(n: number, dimensions: number): readonly number[] {
  return Array.from({ length: dimensions }, (_, d) => Math.sin(n + d));
}
