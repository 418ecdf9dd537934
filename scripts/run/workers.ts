/** How much is done at a time: `ROWPROOF_WORKERS`. */

import { CannotRun } from '../../fixtures/model/errors.ts';

/** 2 where it is not set. @throws CannotRun for what is no whole number from 1 to 64. */
export function readWorkers(env: Readonly<Record<string, string | undefined>>): number {
  const given = env['ROWPROOF_WORKERS'] || '2';
  const workers = Number(given);
  if (Number.isInteger(workers) && workers >= 1 && workers <= 64) return workers;
  throw new CannotRun(
    `ROWPROOF_WORKERS is \`${given}\`, which is not a number of workers.`,
    'Set it to a whole number from 1 to 64, or leave it unset for 2.',
  );
}
