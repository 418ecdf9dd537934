/** Memory chunks: keys are 32 bytes from the environment, and neither they nor a plaintext stand in any error. */

import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { type Chunk, readChunk, writeChunk } from '../../../supabase/memory/client/chunks.ts';
import { openCounters } from '../../../supabase/memory/client/counters.ts';
import { isMemoryError } from '../../../supabase/memory/client/errors.ts';
import type { Environment } from '../../../supabase/memory/client/keys.ts';
import { openVault } from '../../../supabase/memory/client/vault.ts';
import { A, B, environment } from './tenants.ts';

const names = ['MEMORY_TENANT_HMAC_KEY', 'MEMORY_ENC_KEY'] as const;
const good = Buffer.alloc(32, 0xa7);
const tellTale = 'telltale plaintext';
const chunk: Chunk = {
  docId: 'd',
  source: 'chat',
  index: 0,
  text: tellTale,
  metadata: { [tellTale]: tellTale },
  embedding: [0.5],
};
const unused = { query: () => Promise.reject(new Error('no statement was due')) };

test.each(names)('T-MEM-23 %s is taken as 64 hexadecimal digits or as base64 of 32 bytes', (name) => {
  for (const written of [good.toString('hex'), good.toString('hex').toUpperCase(), good.toString('base64')]) {
    expect(() => openVault({ ...environment, [name]: written }, openCounters())).not.toThrow();
  }
});

test.each(names)('T-MEM-23 without %s nothing opens, and the error names it', (name) => {
  for (const written of [undefined, '']) {
    expect(refusal({ ...environment, [name]: written })).toMatchObject({
      code: 'KEY_MISSING',
      message: expect.stringContaining(name),
    });
  }
});

test.each(names)('T-MEM-15 T-MEM-23 any other %s is refused with its name and without its value', (name) => {
  const short = good.subarray(1);
  const written = [
    short.toString('hex'),
    short.toString('base64'),
    `${good.toString('hex')}a7`,
    good.toString('hex').slice(1),
    good.toString('latin1'),
    `${good.toString('hex').slice(0, -1)}g`,
    ` ${good.toString('hex')}`,
    'correct horse battery staple now',
    'a7a7a7',
  ];
  for (const value of written) {
    const error = refusal({ ...environment, [name]: value });
    expect(error).toMatchObject({ code: 'KEY_INVALID', message: expect.stringContaining(name) });
    expect(error.message).toContain('32 bytes');
    expect(inspect(error, { showHidden: true })).not.toContain(value);
  }
});

test('T-MEM-15 no error of sealing and opening holds a plaintext or a key', async () => {
  const vault = openVault(environment, openCounters());
  const sealed = vault.seal(Buffer.from(tellTale), A);
  const misplaced = {
    doc_id: 'd',
    source: 'chat',
    chunk_index: 0,
    text_cipher: sealed,
    meta_cipher: sealed,
    emb_cipher: sealed,
  };
  const circular: Record<string, unknown> = {};
  circular[tellTale] = circular;
  const reading = (row: object) => readChunk({ query: async () => ({ rows: [{ ...row }] }) }, vault, A, 'id');
  const errors = await Promise.all([
    thrown(async () => vault.openSealed(sealed, B)),
    thrown(async () => vault.openSealed(sealed.subarray(0, -1), A)),
    thrown(async () => vault.seal(Buffer.from(tellTale), '')),
    thrown(() => writeChunk(unused, vault, A, { ...chunk, metadata: circular })),
    thrown(() => reading(misplaced)),
    thrown(() => reading({ ...misplaced, meta_cipher: vault.seal(Buffer.from('{}'), A) })),
    thrown(() => reading({ ...misplaced, text_cipher: tellTale })),
  ]);
  for (const error of errors) {
    expect(isMemoryError(error)).toBe(true);
    for (const word of [tellTale, ...Object.values(environment), good.toString('hex')]) {
      expect(inspect(error, { showHidden: true, depth: null })).not.toContain(word);
    }
  }
});

function refusal(from: Environment): Error {
  try {
    openVault(from, openCounters());
  } catch (error) {
    if (isMemoryError(error)) return error;
  }
  throw new Error('the key was taken');
}

async function thrown(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}
