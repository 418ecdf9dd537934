/** Puts a finished run's reports where people and CI look for them. */

import { access, constants, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CannotRun } from '../fixtures/model/errors.ts';
import type { ChaosFile } from './chaos.ts';
import type { FindingsFile } from './findings.ts';
import { toJUnit } from './junit.ts';
import { type MutationFile, type WatchFile, watchFile } from './mutation.ts';
import type { RunReport } from './run.ts';
import { witnessFiles } from './witness-files.ts';

/** Removes the reports of the run before: if this one is killed, nobody takes the old verdict for its own. */
export async function removeReports(folder: string): Promise<void> {
  // Where they cannot be removed, the new ones cannot be written either, and that is told then.
  for (const name of ['junit.xml', 'findings.json', ...(await witnessesIn(folder))])
    await rm(join(folder, name), { force: true }).catch(() => undefined);
}

/** The same before a mutation run. Who watches what stays: it names the state of the project that it speaks of. */
export async function removeMutation(folder: string): Promise<void> {
  for (const name of ['mutation.json', 'mutation-junit.xml'])
    await rm(join(folder, name), { force: true }).catch(() => undefined);
}

/** The same before a run of chaos. */
export async function removeChaos(folder: string): Promise<void> {
  for (const name of ['chaos_report.json', 'chaos-junit.xml'])
    await rm(join(folder, name), { force: true }).catch(() => undefined);
}

/** Only what a check writes there: the folder may hold somebody's own files. */
async function witnessesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, 'witness'), { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith('.sql')).map((name) => join('witness', name));
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

/** Writes what a mutation run came to: `mutation.json`, `mutation-junit.xml`, and who watches what. @throws CannotRun as above */
export async function writeMutation(folder: string, file: MutationFile, junit: RunReport): Promise<void> {
  await writeWhole(folder, 'mutation-junit.xml', toJUnit(junit));
  const watched = watchFile(file);
  if (watched !== null) await writeWhole(folder, watchedPath(watched.project), `${JSON.stringify(watched, null, 2)}\n`);
  await writeWhole(folder, 'mutation.json', `${JSON.stringify(file, null, 2)}\n`);
}

/** Writes what held under faults: `chaos_report.json`. @throws CannotRun as above */
export async function writeChaos(folder: string, file: ChaosFile): Promise<string> {
  return await writeWhole(folder, 'chaos_report.json', `${JSON.stringify(file, null, 2)}\n`);
}

/** The same as JUnit, where no Vitest run has one. @throws CannotRun as above */
export async function writeChaosJUnit(folder: string, junit: RunReport): Promise<void> {
  await writeWhole(folder, 'chaos-junit.xml', toJUnit(junit));
}

/** Who watches what, as the last whole mutation run of the project in this very state found it; null: there is none. */
export async function readWatched(folder: string, project: WatchFile['project']): Promise<WatchFile | null> {
  const text = await readFile(join(folder, watchedPath(project)), 'utf8').catch(() => 'null');
  const file: WatchFile | null = JSON.parse(text);
  return file?.project.state === project.state ? file : null;
}

function watchedPath({ name }: WatchFile['project']): string {
  return `watched/${name}.json`;
}

async function writeWhole(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, name);
  try {
    await makeFolder(dirname(path));
    await writeFile(`${path}.part`, text);
    await rename(`${path}.part`, path);
  } catch (error) {
    await rm(`${path}.part`, { force: true }).catch(() => undefined);
    throw unwritable(`The report ${path} could not be written`, error);
  }
  return path;
}

/** @throws CannotRun where no report can be written: that is told before a run, not after it. */
export async function demandWritable(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (error) {
    throw unwritable(`Reports cannot be written to ${folder}`, error);
  }
}

function unwritable(sentence: string, error: unknown): CannotRun {
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  const fix = 'Free disk space, make the folder writable, or name another.';
  return new CannotRun(`${sentence}${code}.`, fix, { cause: error });
}

/** Step by step: `recursive` never ends where a folder is there and takes none, as below /proc. */
async function makeFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory()) return;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  await mkdir(folder).catch(async (error: unknown) => {
    // Another run may have made it meanwhile.
    if (!(await stat(folder).catch(() => null))?.isDirectory()) throw error;
  });
}
