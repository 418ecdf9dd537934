/** The errors that this module raises on purpose, told apart by a code; none holds a key, a plaintext or a sealed byte. */

export type MemoryErrorCode =
  | 'KEY_MISSING'
  | 'KEY_INVALID'
  | 'TENANT_INVALID'
  | 'BLOB_EMPTY'
  | 'BLOB_TRUNCATED'
  | 'BLOB_REFUSED'
  | 'CONTENT_INVALID';

export interface MemoryError extends Error {
  readonly name: 'MemoryError';
  readonly code: MemoryErrorCode;
}

/** A `MemoryError`. It has no `cause`: a lower error's text or fields might quote what was being sealed. */
export function memoryError(code: MemoryErrorCode, message: string): MemoryError {
  return Object.assign(new Error(message), { name: 'MemoryError' as const, code });
}

/** Whether `error` was raised by `memoryError`; its `code` then says why. */
export function isMemoryError(error: unknown): error is MemoryError {
  return error instanceof Error && error.name === 'MemoryError';
}
