/** Looks at the project under test before anything is started: what is wrong in its folder needs no server to be told. */

import { readContract } from '../../fixtures/contract/read.ts';
import { findProject } from '../../fixtures/migrate/project.ts';
import { upTo } from '../../fixtures/migrate/stage.ts';
import type { Staging } from '../../fixtures/model/project.ts';

/**
 * @returns one line for the user: name, platform, and how many migrations will be applied.
 * @throws CannotRun when there are no migrations, no such version, or the contract cannot be read.
 */
export async function lookAtProject(folder: string, { to, platform }: Staging): Promise<string> {
  const project = await findProject(folder, platform === undefined ? {} : { platform });
  const chosen = upTo(project.migrations, to).length;
  if (project.access !== null) await readContract(project.access);
  const all = project.migrations.length;
  const count = `${chosen === all ? chosen : `${chosen} of ${all}`} ${all === 1 ? 'migration' : 'migrations'}`;
  return `Project ${project.name}: ${count}, ${project.platform === 'plain' ? 'plain PostgreSQL' : 'Supabase platform'} (${project.folder})`;
}
