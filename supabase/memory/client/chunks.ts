/** Chunks whose content is stored sealed: text, metadata and embedding go into the three cipher columns and nowhere else. */

import { isMemoryError, memoryError } from './errors.ts';
import type { Connection } from './tenant.ts';
import type { Vault } from './vault.ts';

export interface Chunk {
  readonly docId: string;
  /** `chat`, `upload`, `api`, … */
  readonly source: string;
  readonly index: number;
  readonly text: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly embedding: readonly number[];
}

/**
 * Stores `chunk` sealed for `tenant` and returns its id; runs inside `asTenant`.
 * `text_plain` stays NULL and `embedding`, which may not be NULL, an empty array: an embedding gives its text away.
 */
export async function writeChunk(connection: Connection, vault: Vault, tenant: string, chunk: Chunk): Promise<string> {
  const { rows } = await connection.query(
    `INSERT INTO public.memory_chunks
       (user_hash, doc_id, source, chunk_index, embedding, text_cipher, meta_cipher, emb_cipher)
     VALUES ($1, $2, $3, $4, '{}', $5, $6, $7)
     RETURNING id`,
    [tenant, chunk.docId, chunk.source, chunk.index, ...sealContent(vault, tenant, chunk)],
  );
  return String(rows[0]?.['id']);
}

/** The chunk with this id, opened for `tenant`; null when the tenant has none. Throws what `openSealed` throws. */
export async function readChunk(
  connection: Connection,
  vault: Vault,
  tenant: string,
  id: string,
): Promise<Chunk | null> {
  const { rows } = await connection.query(
    `SELECT doc_id, source, chunk_index, text_cipher, meta_cipher, emb_cipher
     FROM public.memory_chunks
     WHERE id = $1`,
    [id],
  );
  const row = rows[0];
  return row === undefined ? null : openRow(vault, tenant, row);
}

/** In the order of the three cipher columns. */
function sealContent(vault: Vault, tenant: string, chunk: Chunk): readonly Buffer[] {
  const metadata = withoutQuoting('meta_cipher', () => JSON.stringify(chunk.metadata));
  return [
    Buffer.from(chunk.text, 'utf8'),
    Buffer.from(metadata, 'utf8'),
    new Uint8Array(Float64Array.from(chunk.embedding).buffer),
  ].map((content) => vault.seal(content, tenant));
}

function openRow(vault: Vault, tenant: string, row: Readonly<Record<string, unknown>>): Chunk {
  const open = (column: string): Buffer => vault.openSealed(bytesOf(row[column], column), tenant);
  return {
    docId: String(row['doc_id']),
    source: String(row['source']),
    index: Number(row['chunk_index']),
    text: open('text_cipher').toString('utf8'),
    metadata: withoutQuoting(
      'meta_cipher',
      () => JSON.parse(open('meta_cipher').toString('utf8')) as Chunk['metadata'],
    ),
    embedding: withoutQuoting('emb_cipher', () => [...new Float64Array(Uint8Array.from(open('emb_cipher')).buffer)]),
  };
}

/** What JSON and typed arrays throw quotes the content that they could not read; this throws `CONTENT_INVALID` instead. */
function withoutQuoting<Result>(column: string, convert: () => Result): Result {
  try {
    return convert();
  } catch (error) {
    throw isMemoryError(error)
      ? error
      : memoryError('CONTENT_INVALID', `The content for the column ${column} has another form than expected.`);
  }
}

function bytesOf(value: unknown, column: string): Uint8Array {
  if (!(value instanceof Uint8Array)) {
    throw memoryError('CONTENT_INVALID', `The chunk's column ${column} holds no sealed content.`);
  }
  return value;
}
