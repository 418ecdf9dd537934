/** Memory chunks: the tenant key, and blobs that open for their own tenant and unchanged only. */

import { createDecipheriv, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { openCounters } from '../../../supabase/memory/client/counters.ts';
import { isMemoryError } from '../../../supabase/memory/client/errors.ts';
import { openVault } from '../../../supabase/memory/client/vault.ts';
import { A, B, environment } from './tenants.ts';

const aNonceAndATag = 12 + 16;
const secret = Buffer.from('what only A may read');
const bytes = fc.uint8Array({ maxLength: 200 });
const seeded = () => ({ seed: inject('seed') });

test('T-MEM-26 hmacUser is HMAC-SHA-256 under the tenant key, in 64 lower-case hexadecimal digits', () => {
  const key = Buffer.from(environment.MEMORY_TENANT_HMAC_KEY, 'hex');
  expect(A).toBe(createHmac('sha256', key).update('user-a').digest('hex'));
  expect(A).toMatch(/^[0-9a-f]{64}$/);
  expect(vault().hmacUser('user-a')).toBe(A);
  expect(B).not.toBe(A);
});

test('T-MEM-26 an empty user or tenant is refused: all callers without one would share it', () => {
  expect(codeOf(() => vault().hmacUser(''))).toBe('TENANT_INVALID');
  expect(codeOf(() => vault().seal(secret, ''))).toBe('TENANT_INVALID');
  expect(codeOf(() => vault().openSealed(vault().seal(secret, A), ''))).toBe('TENANT_INVALID');
});

test('T-MEM-11 what is sealed opens again, whatever its bytes, under a nonce of its own each time', () => {
  const { seal, openSealed } = vault();
  fc.assert(
    fc.property(bytes, (plaintext) => {
      const [first, second] = [seal(plaintext, A), seal(plaintext, A)];
      expect(openSealed(first, A)).toEqual(Buffer.from(plaintext));
      expect(first).toHaveLength(plaintext.length + aNonceAndATag);
      expect(first.subarray(0, 12)).not.toEqual(second.subarray(0, 12));
    }),
    seeded(),
  );
});

test('T-MEM-11 a blob is nonce, ciphertext and tag of plain AES-256-GCM with the tenant as additional data', () => {
  const blob = vault().seal(secret, A);
  const decipher = createDecipheriv(
    'aes-256-gcm',
    Buffer.from(environment.MEMORY_ENC_KEY, 'base64'),
    blob.subarray(0, 12),
  );
  decipher.setAAD(Buffer.from(A)).setAuthTag(blob.subarray(-16));
  expect(Buffer.concat([decipher.update(blob.subarray(12, -16)), decipher.final()])).toEqual(secret);
});

test('T-MEM-12 another tenant’s blob does not open, and each attempt counts as memory_aad_mismatch_total', () => {
  const counters = openCounters();
  const { seal, openSealed } = openVault(environment, counters);
  const blob = seal(secret, A);
  expect(codeOf(() => openSealed(blob, B))).toBe('BLOB_REFUSED');
  expect(codeOf(() => openSealed(blob, A.toUpperCase()))).toBe('BLOB_REFUSED');
  expect(openSealed(blob, A)).toEqual(secret);
  expect(counters.read()).toEqual({ memory_aad_mismatch_total: 2, memory_rls_policy_errors_total: 0 });
});

test('T-MEM-12 a blob sealed under another key does not open', () => {
  const other = openVault({ ...environment, MEMORY_ENC_KEY: environment.MEMORY_TENANT_HMAC_KEY }, openCounters());
  expect(codeOf(() => other.openSealed(vault().seal(secret, A), A))).toBe('BLOB_REFUSED');
});

test('T-MEM-13 every single flipped bit of a sealed blob is detected', () => {
  const { seal, openSealed } = vault();
  fc.assert(
    fc.property(bytes, (plaintext) => {
      const blob = seal(plaintext, A);
      for (let bit = 0; bit < blob.length * 8; bit += 1) {
        expect(
          codeOf(() => openSealed(flipped(blob, bit), A)),
          `bit ${bit}`,
        ).toBe('BLOB_REFUSED');
      }
    }),
    { ...seeded(), numRuns: 20 },
  );
});

test('T-MEM-14 a blob cut at any length gives a typed error, an empty one its own', () => {
  const { seal, openSealed } = vault();
  const blob = seal(secret, A);
  for (let length = 0; length < blob.length; length += 1) {
    const expected = length === 0 ? 'BLOB_EMPTY' : length < aNonceAndATag ? 'BLOB_TRUNCATED' : 'BLOB_REFUSED';
    expect(
      codeOf(() => openSealed(blob.subarray(0, length), A)),
      `${length} bytes`,
    ).toBe(expected);
    if (length > 0) expect(isMemoryError(thrownBy(() => openSealed(blob.subarray(-length), A)))).toBe(true);
  }
});

test('T-MEM-14 bytes that nobody sealed, and a blob with more after it, give a typed error', () => {
  const { seal, openSealed } = vault();
  fc.assert(
    fc.property(bytes, (made) => isMemoryError(thrownBy(() => openSealed(made, A)))),
    seeded(),
  );
  expect(codeOf(() => openSealed(Buffer.concat([seal(secret, A), Buffer.from([0])]), A))).toBe('BLOB_REFUSED');
});

function vault() {
  return openVault(environment, openCounters());
}

function flipped(blob: Buffer, bit: number): Buffer {
  const copy = Buffer.from(blob);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

function codeOf(call: () => unknown): string | undefined {
  const error = thrownBy(call);
  return isMemoryError(error) ? error.code : undefined;
}
