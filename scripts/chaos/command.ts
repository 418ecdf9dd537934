/** What `chaos` was asked to do. */

import { CannotRun } from '../../fixtures/model/errors.ts';
import type { DefaultGrants, PlatformKind, Staging } from '../../fixtures/model/project.ts';
import { commandLine, fromHere, reportsFolder } from '../check/places.ts';
import { oneOf, readWords } from '../check/words.ts';
import { parseSeed } from '../run/seed.ts';

export interface ChaosCommand {
  readonly folder: string;
  readonly out: string;
  readonly seed: number;
  readonly platform: PlatformKind | undefined;
  readonly defaultGrants: DefaultGrants | undefined;
  /** Every cell. */
  readonly full: boolean;
  /** An act, a fault, a moment, or several joined by `×`; undefined: all. */
  readonly only: string | undefined;
  readonly quiet: boolean;
}

export const CHAOS_HELP = `npm run chaos -- <folder>       break the network and the server under every call and write of a project
rowproof chaos <folder>         the same, from any directory

<folder> holds .sql files, or \`migrations/\`, or is a repository that does (supabase/, db/).

Each RPC that can be called with success, and each write that policies guard, is made through a fault proxy while one thing breaks,
at one moment of it: connecting, start-up, query, between, commit. Then it must be done once or not at all, no row of anybody else may
have changed, the client must have heard of it in bounded time, and its connection must be clean for the next.

  --full                 every act under every fault at every moment; otherwise a sample that has every act with every fault,
                         and every fault at every moment
  --only <name>          an act, a fault or a moment, or several joined by ×: 'INSERT public.posts × reset_peer × commit'
  --out <folder>         where chaos_report.json and chaos-junit.xml go (default reports/out)
  --platform <kind>      supabase or plain; otherwise the project's files tell
  --default-grants <how> exposed or revoked: what the API's roles get on each new table of a hosted project
  --seed <number>        other data, and another sample (default 1)
  --quiet                the verdict alone
  --help                 this

Migration files that fail are reported and skipped. The server is chosen by ROWPROOF_SERVER; \`doctor --help\` says more.
Exit code: 0 everything is held, 1 something is not, 2 could not run, 130 or 143 interrupted.`;

const OPTIONS = {
  out: { type: 'string' },
  only: { type: 'string' },
  full: { type: 'boolean' },
  platform: { type: 'string' },
  'default-grants': { type: 'string' },
  seed: { type: 'string' },
  quiet: { type: 'boolean' },
} as const;

type Env = Readonly<Record<string, string | undefined>>;

/** @throws CannotRun when the arguments make no sense. */
export function readChaos(argv: readonly string[], env: Env): ChaosCommand {
  const { text, on, words } = readWords('chaos', argv, OPTIONS, env);
  const [folder, ...more] = words;
  if (folder === undefined)
    throw new CannotRun(
      'No project was named.',
      `Give the folder that holds your migrations: \`${commandLine(env, 'chaos')} <folder>\`.`,
    );
  if (more.length > 0)
    throw new CannotRun(`\`${more.join(' ')}\` is one folder too many.`, 'Break one project at a time.');
  const seed = text.get('seed') ?? (env['ROWPROOF_SEED'] || undefined);
  return {
    folder: fromHere(env, folder),
    out: reportsFolder(env, text.get('out')),
    seed: seed === undefined ? 1 : parseSeed(seed, text.has('seed') ? '--seed' : 'ROWPROOF_SEED'),
    platform: oneOf('platform', text.get('platform'), ['supabase', 'plain']),
    defaultGrants: oneOf('default-grants', text.get('default-grants'), ['exposed', 'revoked']),
    full: on.has('full'),
    only: text.get('only'),
    quiet: on.has('quiet'),
  };
}

/** How the project is to be migrated. */
export function staging({ platform, defaultGrants }: ChaosCommand): Omit<Staging, 'to'> {
  return {
    ...(platform === undefined ? {} : { platform }),
    ...(defaultGrants === undefined ? {} : { defaultGrants }),
  };
}
