/** From an error text of the database to the code and HTTP status that a caller sees. */

export type ErrorCode =
  | 'CONVERSATION_EXISTS'
  | 'CONVERSATION_NOT_FOUND'
  | 'HELP_REQUEST_NOT_FOUND'
  | 'HELP_REQUEST_UNAVAILABLE'
  | 'INVALID_INPUT'
  | 'PERMISSION_DENIED'
  | 'VALIDATION_ERROR'
  | 'INTERNAL_ERROR';

/** As it travels: `conversation_exists`. */
export type WireCode = Lowercase<ErrorCode>;

export interface Refusal {
  readonly ok: false;
  readonly code: WireCode;
  /** HTTP status. */
  readonly status: number;
  readonly message: string;
}

interface Rule {
  readonly fragment: string;
  readonly code: ErrorCode;
  readonly status: number;
}

/** First match wins, whatever the case. The fragments are lower case. */
const RULES = [
  { fragment: 'already exists', code: 'CONVERSATION_EXISTS', status: 409 },
  { fragment: 'conversation not found', code: 'CONVERSATION_NOT_FOUND', status: 404 },
  { fragment: 'not found', code: 'HELP_REQUEST_NOT_FOUND', status: 404 },
  { fragment: 'no longer available', code: 'HELP_REQUEST_UNAVAILABLE', status: 409 },
  { fragment: 'yourself', code: 'INVALID_INPUT', status: 400 },
  { fragment: 'not authorized', code: 'PERMISSION_DENIED', status: 403 },
  { fragment: 'on behalf of', code: 'PERMISSION_DENIED', status: 403 },
  { fragment: 'another user', code: 'PERMISSION_DENIED', status: 403 },
  { fragment: 'characters', code: 'VALIDATION_ERROR', status: 400 },
  { fragment: 'empty', code: 'VALIDATION_ERROR', status: 400 },
] as const satisfies readonly Rule[];

/** What a caller is told of a refusal. A text that no rule knows is replaced: it may hold anything. */
export function refusalOf(error: string): Refusal {
  const text = error.toLowerCase();
  const rule = RULES.find(({ fragment }) => text.includes(fragment));
  if (!rule) return { ok: false, code: 'internal_error', status: 500, message: 'Something went wrong' };
  return { ok: false, code: wireCode(rule.code), status: rule.status, message: error };
}

function wireCode(code: ErrorCode): WireCode {
  return code.toLowerCase() as WireCode;
}
