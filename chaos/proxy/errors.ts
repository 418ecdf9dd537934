/** What the HTTP API answers when it refuses: a text and a status, as the original says them. */

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** `detail` is for people: nobody may depend on it. */
export const badRequest = (detail: string) => new ApiError(`bad request body: ${detail}`, 400);
export const missingField = (field: string) => new ApiError(`missing required field: ${field}`, 400);
export const invalidStream = () => new ApiError('stream was invalid, can be either upstream or downstream', 400);
export const invalidType = () => new ApiError('invalid toxic type', 400);
export const proxyNotFound = () => new ApiError('proxy not found', 404);
export const toxicNotFound = () => new ApiError('toxic not found', 404);
export const proxyExists = () => new ApiError('proxy already exists', 409);
export const toxicExists = () => new ApiError('toxic already exists', 409);
/** An address that cannot be understood or listened on. */
export const addressFault = (text: string) => new ApiError(text, 500);

/** @throws whatever is no refusal */
export function asRefusal(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  throw error;
}
