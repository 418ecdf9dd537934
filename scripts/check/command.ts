/** What `check` was asked to do. */

import { FAIL_ON, SEVERITIES } from '../../fixtures/engine/telling.ts';
import type { Severity } from '../../fixtures/model/verdict.ts';
import { readWorkers } from '../run/workers.ts';
import { type ProjectCommand, readProject } from './project.ts';
import { oneOf, readWords } from './words.ts';

export interface CheckCommand extends ProjectCommand {
  readonly strict: boolean;
  readonly failOn: Severity;
  readonly to: string | undefined;
  /** Id or group of the attacks to run; undefined: all. */
  readonly only: string | undefined;
  readonly quiet: boolean;
  readonly workers: number;
}

export const CHECK_HELP = `npm run check -- <folder>       find leaks and impersonation in a project, from its migrations alone
rowproof check <folder>         the same, from any directory

<folder> holds .sql files, or \`migrations/\`, or is a repository that does (supabase/, db/).

  --out <folder>         where findings.json, junit.xml and witness/ go (default reports/out)
  --strict               questions, unknowns and failed migrations end with 1, too
  --fail-on <severity>   least severity that ends with 1: critical, high, medium (default), low
  --only <attack>        one attack, or one group of them, by its id (docs/attacks.md)
  --to <version>         migrate up to this version, not to the last
  --platform <kind>      supabase or plain; otherwise the project's files tell
  --default-grants <how> exposed or revoked: what the API's roles get on each new table of a hosted project
  --seed <number>        other data (default 1: the same project gives the same report)
  --quiet                the first line alone
  --help                 this

Migration files that fail are reported and skipped. The server is chosen by ROWPROOF_SERVER; \`doctor --help\` says more.
Exit code: 0 clean, 1 findings, 2 could not run, 130 or 143 interrupted.`;

const OPTIONS = {
  out: { type: 'string' },
  strict: { type: 'boolean' },
  'fail-on': { type: 'string' },
  only: { type: 'string' },
  to: { type: 'string' },
  platform: { type: 'string' },
  'default-grants': { type: 'string' },
  seed: { type: 'string' },
  quiet: { type: 'boolean' },
} as const;

/** @throws CannotRun when the arguments make no sense. */
export function readCheck(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): CheckCommand {
  const said = readWords('check', argv, OPTIONS, env);
  const { text, on } = said;
  return {
    ...readProject('check', said, env, 'Check one project at a time.'),
    strict: on.has('strict'),
    failOn: oneOf('severity', text.get('fail-on'), SEVERITIES) ?? FAIL_ON,
    to: text.get('to'),
    only: text.get('only'),
    quiet: on.has('quiet'),
    workers: readWorkers(env),
  };
}
