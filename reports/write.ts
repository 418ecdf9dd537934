/** Puts a finished run's reports where people and CI look for them. */

import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CannotRun } from '../fixtures/model/errors.ts';
import type { FindingsFile } from './findings.ts';
import { toJUnit } from './junit.ts';
import type { RunReport } from './run.ts';
import { witnessFiles } from './witness-files.ts';

/** Removes the reports of the run before: if this one is killed, nobody takes the old verdict for its own. */
export async function removeReports(folder: string): Promise<void> {
  // Where they cannot be removed, the new ones cannot be written either, and that is told then.
  for (const name of ['junit.xml', 'findings.json', 'witness'])
    await rm(join(folder, name), { force: true, recursive: true }).catch(() => undefined);
}

/**
 * Writes `junit.xml` into the folder; a reader never sees half of it.
 * @returns the path written
 * @throws CannotRun when the folder cannot be written
 */
export async function writeReports(folder: string, report: RunReport): Promise<string> {
  return await writeWhole(folder, 'junit.xml', toJUnit(report));
}

/** Writes what a check found: `findings.json`, and the witnesses as files. @throws CannotRun as above */
export async function writeFindings(folder: string, file: FindingsFile): Promise<string> {
  for (const { path, content } of witnessFiles(file.findings)) await writeWhole(folder, path, content);
  return await writeWhole(folder, 'findings.json', `${JSON.stringify(file, null, 2)}\n`);
}

async function writeWhole(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, name);
  try {
    await mkdir(dirname(path), { recursive: true });
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
