/** Says why a command could not do its job: one sentence and what to do, without a secret. */

import { redact, secretsOf } from '../../reports/secrets.ts';

/** @returns the exit code for it: 2 */
export function complain(error: unknown, env: NodeJS.ProcessEnv): number {
  console.error(redact(wordsOf(error), secretsOf(env, null)));
  return 2;
}

function wordsOf(error: unknown): string {
  if (error instanceof Error && error.name === 'CannotRun' && 'fix' in error)
    return `${error.message}\nFix: ${error.fix}`;
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${said}\nRowproof itself broke. This is a bug in Rowproof; report it with the lines above.`;
}
