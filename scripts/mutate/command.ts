/** What `mutate` was asked to do. */

import { type ProjectCommand, readProject } from '../check/project.ts';
import { readWords } from '../check/words.ts';
import { readWorkers } from '../run/workers.ts';

export interface MutateCommand extends ProjectCommand {
  /** A part of the keys of the mutants to try; undefined: all. */
  readonly only: string | undefined;
  /** A git ref; mutants of guards that are the same there are left out. */
  readonly since: string | undefined;
  readonly tests: boolean;
  /** Only guards that T-tests name, and nobody but T-tests judges. */
  readonly guards: boolean;
  readonly map: boolean;
  readonly fresh: boolean;
  readonly quiet: boolean;
  readonly workers: number;
}

export const MUTATE_HELP = `npm run mutate -- <folder>      remove or weaken one protection at a time: does any verdict change?
rowproof mutate <folder>        the same, from any directory

<folder> holds .sql files, or \`migrations/\`, or is a repository that does (supabase/, db/).

  --since <git ref>      only guards that differ from the project as it was there
  --only <text>          only mutants whose key holds the text: an operator, a guard, a table
  --tests                the T-tests of a reference system judge, too
  --guards               only the guards that guards.yaml names are removed, and only T-tests judge: all of them, on each
  --map                  shows which attack or test watches each guard; from the last run, where nothing has changed since
  --operators            lists what is removed or weakened
  --fresh                takes no results from an interrupted or earlier run
  --out <folder>         where mutation.json and mutation-junit.xml go (default reports/out)
  --platform <kind>      supabase or plain; otherwise the project's files tell
  --default-grants <how> exposed or revoked: what the API's roles get on each new table of a hosted project
  --seed <number>        other data (default 1: the same project gives the same report)
  --quiet                the first line alone
  --help                 this

Migration files that fail are reported and skipped. ROWPROOF_WORKERS says how many mutants are tried at a time.
Exit code: 0 nothing survived, 1 something did, 2 could not run, 130 or 143 interrupted: the next run goes on from there.`;

const OPTIONS = {
  out: { type: 'string' },
  only: { type: 'string' },
  since: { type: 'string' },
  tests: { type: 'boolean' },
  guards: { type: 'boolean' },
  map: { type: 'boolean' },
  operators: { type: 'boolean' },
  fresh: { type: 'boolean' },
  platform: { type: 'string' },
  'default-grants': { type: 'string' },
  seed: { type: 'string' },
  quiet: { type: 'boolean' },
} as const;

type Env = Readonly<Record<string, string | undefined>>;

/** @returns `operators` where only their list is wanted. @throws CannotRun when the arguments make no sense. */
export function readMutate(argv: readonly string[], env: Env): MutateCommand | 'operators' {
  const said = readWords('mutate', argv, OPTIONS, env);
  const { text, on } = said;
  if (on.has('operators')) return 'operators';
  return {
    ...readProject('mutate', said, env, 'Mutate one project at a time.'),
    only: text.get('only'),
    since: text.get('since'),
    tests: on.has('tests') || on.has('guards'),
    guards: on.has('guards'),
    map: on.has('map'),
    fresh: on.has('fresh'),
    quiet: on.has('quiet'),
    workers: readWorkers(env),
  };
}
