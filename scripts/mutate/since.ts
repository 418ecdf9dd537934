/** The project as it was at a git ref, in a folder of its own; the work tree and the index stay as they are. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { CannotRun } from '../../fixtures/model/errors.ts';

const run = promisify(execFile);

export interface Earlier extends AsyncDisposable {
  /** Null: the project was not there yet. */
  readonly folder: string | null;
  /** What the ref names today, for good: a commit and the path in it. */
  readonly tree: string;
}

/**
 * Checks out `folder` as it was at `ref` into a temporary folder, which disposing removes.
 * @throws CannotRun where git, the repository, the ref or the project in it is missing
 */
export async function earlierProject(folder: string, ref: string): Promise<Earlier> {
  const { root, prefix } = await placeInRepository(folder);
  // A ref that begins with a dash would be an option.
  const commit = await git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  if (commit === null)
    throw new CannotRun(`git knows no \`${ref}\` here.`, 'Name a branch, a tag or a commit; fetch it first.');
  const tree = `${commit}:${prefix}`;
  if ((await git(folder, ['cat-file', '-t', tree])) !== 'tree') {
    await demandTracked(folder);
    return { folder: null, tree, [Symbol.asyncDispose]: async () => undefined };
  }
  const temporary = await mkdtemp(join(tmpdir(), 'rowproof-since-'));
  const remove = () => rm(temporary, { recursive: true, force: true });
  try {
    // Its name is the project's, too.
    const place = join(temporary, basename(folder));
    const index = { ...process.env, GIT_INDEX_FILE: join(temporary, 'index') };
    await run('git', ['-C', root, 'read-tree', tree], { env: index });
    await run('git', ['-C', root, 'checkout-index', '--all', `--prefix=${place}/`], { env: index });
    return { folder: place, tree, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Its repository, and the path below it; '' for the root itself. */
async function placeInRepository(folder: string): Promise<{ readonly root: string; readonly prefix: string }> {
  const root = await git(folder, ['rev-parse', '--show-toplevel']);
  const prefix = await git(folder, ['rev-parse', '--show-prefix']);
  if (root !== null && prefix !== null) return { root, prefix };
  throw new CannotRun(`${folder} is in no git repository.`, 'Leave out --since, or put the project under git first.');
}

async function demandTracked(folder: string): Promise<void> {
  if (await git(folder, ['ls-files', '--', '.'])) return;
  throw new CannotRun(`git does not keep ${folder}.`, 'Add its files to git, or leave out --since.');
}

/** What git answers, without the line's end; null where it refuses. */
async function git(folder: string, words: readonly string[]): Promise<string | null> {
  try {
    return (await run('git', ['-C', folder, ...words])).stdout.replace(/\n$/, '');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new CannotRun('--since needs git, which is not installed.', 'Install git, or leave out --since.');
    return null;
  }
}
