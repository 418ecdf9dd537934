/** The tenant key of a user, and blobs that only their own tenant opens: HMAC-SHA-256 and AES-256-GCM of Node's crypto. */

import { createCipheriv, createDecipheriv, createHmac, type KeyObject, randomBytes } from 'node:crypto';
import type { Counters } from './counters.ts';
import { memoryError } from './errors.ts';
import { type Environment, readKey } from './keys.ts';

export interface Vault {
  /** The tenant key of a user: 64 lower-case hexadecimal digits. Throws `TENANT_INVALID` for an empty id. */
  hmacUser(userId: string): string;
  /** nonce (12) ‖ ciphertext ‖ tag (16). `aad` is the tenant's hash; an empty one throws `TENANT_INVALID`. */
  seal(plaintext: Uint8Array, aad: string): Buffer;
  /**
   * The plaintext. Throws `BLOB_EMPTY`, `BLOB_TRUNCATED`, or `BLOB_REFUSED` when the tag does not fit blob and `aad`; the
   * cipher cannot tell another tenant's blob from a damaged one, so each refusal counts as memory_aad_mismatch_total.
   */
  openSealed(blob: Uint8Array, aad: string): Buffer;
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** Reads both keys from `environment` once. Throws `KEY_MISSING` or `KEY_INVALID`. */
export function openVault(environment: Environment, counters: Counters): Vault {
  const tenantKey = readKey(environment, 'MEMORY_TENANT_HMAC_KEY');
  const sealingKey = readKey(environment, 'MEMORY_ENC_KEY');
  return {
    hmacUser: (userId) => hash(tenantKey, userId),
    seal: (plaintext, aad) => encrypt(sealingKey, plaintext, named(aad)),
    openSealed: (blob, aad) => decrypt(sealingKey, blob, named(aad), counters),
  };
}

function hash(key: KeyObject, userId: string): string {
  if (userId === '') {
    throw memoryError('TENANT_INVALID', 'The user id is empty; every caller without one would share a tenant.');
  }
  return createHmac('sha256', key).update(userId, 'utf8').digest('hex');
}

function named(aad: string): Buffer {
  if (aad === '') {
    throw memoryError('TENANT_INVALID', 'The tenant is empty; pass the hash that hmacUser returns.');
  }
  return Buffer.from(aad, 'utf8');
}

function encrypt(key: KeyObject, plaintext: Uint8Array, aad: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: KeyObject, blob: Uint8Array, aad: Buffer, counters: Counters): Buffer {
  if (blob.length === 0) {
    throw memoryError('BLOB_EMPTY', 'The sealed blob is empty.');
  }
  if (blob.length < nonceBytes + tagBytes) {
    throw memoryError(
      'BLOB_TRUNCATED',
      `The sealed blob has ${blob.length} bytes; nonce and tag alone are ${nonceBytes + tagBytes}.`,
    );
  }
  const tagAt = blob.length - tagBytes;
  const decipher = createDecipheriv(algorithm, key, blob.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(aad)
    .setAuthTag(blob.subarray(tagAt));
  const plaintext = decipher.update(blob.subarray(nonceBytes, tagAt));
  try {
    return Buffer.concat([plaintext, decipher.final()]);
  } catch {
    // The one thing that final() can object to here is the tag; what it had decrypted so far is dropped unseen.
    counters.count('memory_aad_mismatch_total');
    throw memoryError(
      'BLOB_REFUSED',
      'The sealed blob does not open for this tenant: it was sealed for another one, or it was changed.',
    );
  }
}
