/** The two keys, taken from the environment and refused unless they are 32 bytes. */

import { createSecretKey, type KeyObject } from 'node:crypto';
import { memoryError } from './errors.ts';

export type KeyName = 'MEMORY_TENANT_HMAC_KEY' | 'MEMORY_ENC_KEY';

export type Environment = Readonly<Record<string, string | undefined>>;

const keyBytes = 32;
const howToWrite = '32 bytes, written as 64 hexadecimal digits or as base64';

/**
 * The key, as an object whose bytes nothing prints; ciphers also start several times faster from it than from bytes.
 * @throws MemoryError `KEY_MISSING` or `KEY_INVALID`; the message names the variable and never its value.
 */
export function readKey(environment: Environment, name: KeyName): KeyObject {
  const written = environment[name];
  if (written === undefined || written === '') {
    throw memoryError('KEY_MISSING', `${name} is not set; it must hold ${howToWrite}.`);
  }
  const key = decode(written);
  if (key === null) {
    throw memoryError('KEY_INVALID', `${name} is neither hexadecimal nor base64; it must hold ${howToWrite}.`);
  }
  if (key.length !== keyBytes) {
    throw memoryError('KEY_INVALID', `${name} holds ${key.length} bytes; it must hold ${howToWrite}.`);
  }
  return createSecretKey(key);
}

/** Hexadecimal first: 64 hexadecimal digits would also pass as 48 bytes of base64. Buffer.from alone skips what it cannot read. */
function decode(written: string): Buffer | null {
  if (/^(?:[0-9a-f]{2})+$/i.test(written)) {
    return Buffer.from(written, 'hex');
  }
  if (/^(?:[a-z0-9+/]{4})*(?:[a-z0-9+/]{2}==|[a-z0-9+/]{3}=)?$/i.test(written)) {
    return Buffer.from(written, 'base64');
  }
  return null;
}
