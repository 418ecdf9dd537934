/** The seed of a run: from `ROWPROOF_SEED`, or drawn where nobody has to repeat it. */

import { randomInt } from 'node:crypto';
import { CannotRun } from '../../fixtures/model/errors.ts';

const largest = 2 ** 31 - 1;

/** @throws CannotRun in CI without a seed, and for a seed that is not a whole number from 0 to 2147483647. */
export function readSeed(env: NodeJS.ProcessEnv): { readonly seed: number; readonly drawn: boolean } {
  const given = env.ROWPROOF_SEED?.trim();
  if (given) return { seed: parseSeed(given), drawn: false };
  if (inCi(env)) {
    throw new CannotRun(
      'A run in CI needs a seed, so that it can be repeated, and ROWPROOF_SEED is not set.',
      'Set ROWPROOF_SEED to a whole number in the job, e.g. `ROWPROOF_SEED=20260101`.',
    );
  }
  return { seed: randomInt(largest), drawn: true };
}

/** @throws CannotRun for what is no whole number from 0 to 2147483647. */
export function parseSeed(given: string, name = 'ROWPROOF_SEED'): number {
  const seed = Number(given);
  if (/^\d{1,10}$/.test(given) && seed <= largest) return seed;
  throw new CannotRun(
    `${name} is \`${given}\`, which is not a seed.`,
    `Set it to a whole number from 0 to ${largest}.`,
  );
}

function inCi(env: NodeJS.ProcessEnv): boolean {
  return env.CI !== undefined && !['', '0', 'false'].includes(env.CI.toLowerCase());
}
