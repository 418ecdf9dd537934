/** Keeps passwords out of everything that is printed or written. */

import type { ServerAccess } from '../fixtures/model/server.ts';

const mask = '[hidden]';

/** Every password that a run knows of: those of connection strings in the environment, and those of its server. */
export function secretsOf(env: NodeJS.ProcessEnv, access: ServerAccess | null): readonly string[] {
  const urls = [env.ROWPROOF_DATABASE_URL, env.DATABASE_URL].flatMap((url) => (url ? passwordsIn(url) : []));
  const server = access
    ? [access.admin, access.login].flatMap(({ user, password }) => (password === user ? [] : [password]))
    : [];
  const all = [...urls, env.PGPASSWORD ?? '', ...server];
  // The longest first: a password may be part of another. Very short ones would garble ordinary words.
  return [...new Set(all)].filter((secret) => secret.length >= 5).toSorted((a, b) => b.length - a.length);
}

/** The text with every secret in it masked. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, mask), text);
}

/** The same data with every string in it redacted. */
export function redactAll<T>(value: T, secrets: readonly string[]): T {
  return secrets.length === 0
    ? value
    : JSON.parse(JSON.stringify(value), (_, part) => (typeof part === 'string' ? redact(part, secrets) : part));
}

/** Passes every text that is written to a stream through `clean` from now on; returns the function that ends it. */
export function guard(stream: NodeJS.WriteStream, clean: (text: string) => string): () => void {
  const write = stream.write;
  const guarded = (chunk: string | Uint8Array, ...rest: unknown[]) =>
    Reflect.apply(write, stream, [typeof chunk === 'string' ? clean(chunk) : chunk, ...rest]);
  stream.write = guarded;
  return () => {
    stream.write = write;
  };
}

/** The password of a connection string, as written and decoded; taken by hand, because a broken URL may hold one too. */
function passwordsIn(url: string): readonly string[] {
  const match = /^[a-z]+:\/\/([^:/?#]*):(.*)@[^@]*$/is.exec(url);
  const query = /[?&]password=([^&]*)/i.exec(url);
  const written = [match?.[2] === match?.[1] ? undefined : match?.[2], query?.[1]].flatMap((secret) =>
    secret ? [secret] : [],
  );
  return written.flatMap((secret) => [secret, decoded(secret)]);
}

function decoded(secret: string): string {
  try {
    return decodeURIComponent(secret);
  } catch {
    // A stray `%`: the password is what is written.
    return secret;
  }
}
