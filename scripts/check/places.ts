/** Where a command was typed, and where its reports are when nobody says otherwise. */

import { join, relative, resolve } from 'node:path';

/** The checkout. */
export const root = join(import.meta.dirname, '../..');

type Env = Readonly<Record<string, string | undefined>>;

/** A path as the person who typed it meant it: npm runs scripts in the checkout, whoever is where. */
export function fromHere(env: Env, path: string): string {
  return resolve(env['ROWPROOF_TYPED_IN'] ?? env['INIT_CWD'] ?? '.', path);
}

/** The other way: a path as it can be typed again. */
export function typedAs(env: Env, path: string): string {
  return relative(fromHere(env, '.'), path) || '.';
}

/** `--out`, else `ROWPROOF_REPORTS`, else `reports/out` of the checkout; of the current folder for the `rowproof` program. */
export function reportsFolder(env: Env, out: string | undefined): string {
  const given = out ?? (env['ROWPROOF_REPORTS'] || undefined);
  if (given !== undefined) return fromHere(env, given);
  return join(env['ROWPROOF_TYPED_IN'] ?? root, 'reports/out');
}

/** How a person starts another command of ours, e.g. `npm run replay --`. */
export function commandLine(env: Env, command: string): string {
  return env['ROWPROOF_TYPED_IN'] === undefined ? `npm run ${command} --` : `rowproof ${command}`;
}
