/** What the commands on a project have in common: its folder, the seed, where reports go, and how it is to be migrated. */

import { CannotRun } from '../../fixtures/model/errors.ts';
import type { DefaultGrants, PlatformKind, Staging } from '../../fixtures/model/project.ts';
import { parseSeed } from '../run/seed.ts';
import { commandLine, fromHere, reportsFolder } from './places.ts';
import { oneOf, type Words } from './words.ts';

export interface ProjectCommand {
  readonly folder: string;
  readonly out: string;
  readonly seed: number;
  readonly platform: PlatformKind | undefined;
  readonly defaultGrants: DefaultGrants | undefined;
}

/**
 * @param one what to do where several folders are named: `Check one project at a time.`
 * @throws CannotRun when no folder is named, or more than one, or a flag has a value that makes no sense.
 */
export function readProject(
  command: string,
  { text, words }: Words,
  env: Readonly<Record<string, string | undefined>>,
  one: string,
): ProjectCommand {
  const [folder, ...more] = words;
  if (folder === undefined)
    throw new CannotRun(
      'No project was named.',
      `Give the folder that holds your migrations: \`${commandLine(env, command)} <folder>\`.`,
    );
  if (more.length > 0) throw new CannotRun(`\`${more.join(' ')}\` is one folder too many.`, one);
  const seed = text.get('seed') ?? (env['ROWPROOF_SEED'] || undefined);
  return {
    folder: fromHere(env, folder),
    out: reportsFolder(env, text.get('out')),
    seed: seed === undefined ? 1 : parseSeed(seed, text.has('seed') ? '--seed' : 'ROWPROOF_SEED'),
    platform: oneOf('platform', text.get('platform'), ['supabase', 'plain']),
    defaultGrants: oneOf('default-grants', text.get('default-grants'), ['exposed', 'revoked']),
  };
}

/** How the project is to be migrated. */
export function staging({
  platform,
  defaultGrants,
}: Pick<ProjectCommand, 'platform' | 'defaultGrants'>): Omit<Staging, 'to'> {
  return {
    ...(platform === undefined ? {} : { platform }),
    ...(defaultGrants === undefined ? {} : { defaultGrants }),
  };
}
