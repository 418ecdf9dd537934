/** Puts a finished run's reports where people and CI look for them. */

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotRun } from '../fixtures/model/errors.ts';
import { toJUnit } from './junit.ts';
import type { RunReport } from './run.ts';

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
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new CannotRun(
      `The report ${path} could not be written${code}.`,
      'Free disk space or make the folder writable.',
      { cause: error },
    );
  }
  return path;
}
