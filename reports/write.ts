/** Puts a finished run's reports where people and CI look for them. */

import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotRun } from '../fixtures/model/errors.ts';
import { toJUnit } from './junit.ts';
import type { RunReport } from './run.ts';

/** Removes the report of the run before: if this one is killed, nobody takes the old verdict for its own. */
export async function removeReports(folder: string): Promise<void> {
  // Where it cannot be removed, the new one cannot be written either, and that is told then.
  await rm(join(folder, 'junit.xml'), { force: true }).catch(() => undefined);
}

/**
 * Writes `junit.xml` into the folder; a reader never sees half of it.
 * @returns the path written
 * @throws CannotRun when the folder cannot be written
 */
export async function writeReports(folder: string, report: RunReport): Promise<string> {
  const path = join(folder, 'junit.xml');
  const text = toJUnit(report);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(`${path}.part`, text);
    await rename(`${path}.part`, path);
  } catch (error) {
    await rm(`${path}.part`, { force: true }).catch(() => undefined);
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new CannotRun(
      `The report ${path} could not be written${code}.`,
      'Free disk space or make the folder writable.',
      { cause: error },
    );
  }
  return path;
}
