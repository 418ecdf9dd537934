/** What `chaos` was asked to do. */

import { type ProjectCommand, readProject } from '../check/project.ts';
import { readWords } from '../check/words.ts';

export interface ChaosCommand extends ProjectCommand {
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
  const said = readWords('chaos', argv, OPTIONS, env);
  const { text, on } = said;
  return {
    ...readProject('chaos', said, env, 'Break one project at a time.'),
    full: on.has('full'),
    only: text.get('only'),
    quiet: on.has('quiet'),
  };
}
