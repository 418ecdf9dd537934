/** Writes a throw-away project folder for a test. */

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * @param files migration file name → SQL; other files of the project by a path such as `../access.yaml`.
 * @returns the project folder; the same files give the same folder, so that its template is built once.
 */
export async function projectOf(files: Readonly<Record<string, string>>): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 12);
  const folder = join(import.meta.dirname, '../../reports/out/test-projects', hash);
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, 'migrations', name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  return folder;
}
