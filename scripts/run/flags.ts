/** The flags of the runner's own, taken out of the words that are meant for Vitest; each may be a variable instead. */

import { parseArgs } from 'node:util';
import { FAIL_ON, SEVERITIES } from '../../fixtures/engine/telling.ts';
import { CannotRun } from '../../fixtures/model/errors.ts';
import type { Staging } from '../../fixtures/model/project.ts';
import type { Severity } from '../../fixtures/model/verdict.ts';
import { oneOf } from '../check/words.ts';

export interface Flags {
  /** How the project under test is migrated; for the attacks alone. */
  readonly staging: Staging;
  /** The least severity that ends with 1. */
  readonly failOn: Severity;
  /** Questions and unknowns end with 1, too. */
  readonly strict: boolean;
  /** Every cell of the sweep; for chaos alone. */
  readonly full: boolean;
  /** The timeline of what is held, too; for chaos alone. */
  readonly verbose: boolean;
  /** The same flags as words, for the line that repeats the run. */
  readonly words: readonly string[];
  /** What is left for Vitest. */
  readonly rest: readonly string[];
}

const OPTIONS = {
  to: { type: 'string' },
  platform: { type: 'string' },
  'default-grants': { type: 'string' },
  'fail-on': { type: 'string' },
  continue: { type: 'boolean' },
  strict: { type: 'boolean' },
  full: { type: 'boolean' },
  verbose: { type: 'boolean' },
} as const;

type Name = keyof typeof OPTIONS;

const CHAOS: readonly Name[] = ['full', 'verbose'];

/**
 * @param suites those that run: most flags are for the attacks alone, two for chaos
 * @throws CannotRun for a flag without its value, one with a wrong value, or one of a suite that does not run.
 */
export function readFlags(args: readonly string[], env: NodeJS.ProcessEnv, suites: readonly string[]): Flags {
  const { given, rest } = takeOut(args);
  const [attacks, chaos] = [suites.includes('attacks'), suites.includes('chaos')];
  for (const name of given.keys()) {
    if (CHAOS.includes(name) && !chaos)
      throw new CannotRun(`--${name} is for chaos alone.`, `Use it as in \`npm run test:chaos -- --${name}\`.`);
    if (!CHAOS.includes(name) && !attacks)
      throw new CannotRun(`--${name} is for the attacks alone.`, 'Use it as in `npm run test:attacks -- --to 2`.');
  }
  const [full, verbose] = [given.has('full'), given.has('verbose')];
  if (chaos) refuseSwallowed('chaos', CHAOS, given, env);
  const words = CHAOS.filter((name) => given.has(name)).map((name) => `--${name}`);
  const flags = { full, verbose, rest };
  if (!attacks) return { staging: {}, failOn: FAIL_ON, strict: false, words, ...flags };
  const own = readAttackFlags(given, env);
  return { ...own, words: [...own.words, ...words], ...flags };
}

function readAttackFlags(
  given: ReadonlyMap<Name, string>,
  env: NodeJS.ProcessEnv,
): Pick<Flags, 'staging' | 'failOn' | 'strict' | 'words'> {
  const names = Object.keys(OPTIONS).filter(isOurs);
  refuseSwallowed(
    'attacks',
    names.filter((name) => !CHAOS.includes(name)),
    given,
    env,
  );
  const textOf = (name: Name, variable: string) => given.get(name) ?? (env[variable] || undefined);
  const to = textOf('to', 'ROWPROOF_TO');
  const platform = oneOf('platform', textOf('platform', 'ROWPROOF_PLATFORM'), ['supabase', 'plain']);
  const grants = textOf('default-grants', 'ROWPROOF_DEFAULT_GRANTS');
  const defaultGrants = oneOf('default-grants', grants, ['exposed', 'revoked']);
  const failOn = oneOf('severity', textOf('fail-on', 'ROWPROOF_FAIL_ON'), SEVERITIES);
  const continueOnError = given.has('continue') || isOn(env, 'ROWPROOF_CONTINUE');
  const strict = given.has('strict') || isOn(env, 'ROWPROOF_STRICT');
  return {
    staging: {
      ...(to === undefined ? {} : { to }),
      ...(platform === undefined ? {} : { platform }),
      ...(defaultGrants === undefined ? {} : { defaultGrants }),
      ...(continueOnError ? { continueOnError } : {}),
    },
    failOn: failOn ?? FAIL_ON,
    strict,
    words: [
      ...(to === undefined ? [] : ['--to', to]),
      ...(platform === undefined ? [] : ['--platform', platform]),
      ...(defaultGrants === undefined ? [] : ['--default-grants', defaultGrants]),
      ...(continueOnError ? ['--continue'] : []),
      ...(failOn === undefined ? [] : ['--fail-on', failOn]),
      ...(strict ? ['--strict'] : []),
    ],
  };
}

function takeOut(args: readonly string[]): { given: ReadonlyMap<Name, string>; rest: readonly string[] } {
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  const given = new Map<Name, string>();
  const taken = new Set<number>();
  for (const token of tokens) {
    if (token.kind !== 'option' || !isOurs(token.name)) continue;
    given.set(token.name, checkedValue(token.name, token.value));
    taken.add(token.index);
    if (token.value !== undefined && !token.inlineValue) taken.add(token.index + 1);
  }
  return { given, rest: args.filter((_, index) => !taken.has(index)) };
}

/** Without `--` before it npm takes a flag for a setting of its own, and the run would silently go without it. */
function refuseSwallowed(
  suite: string,
  names: readonly Name[],
  given: ReadonlyMap<Name, string>,
  env: NodeJS.ProcessEnv,
): void {
  const name = names.find((flag) => env[`npm_config_${flag.replaceAll('-', '_')}`] && !given.has(flag));
  if (name === undefined) return;
  throw new CannotRun(
    `npm took --${name} for a setting of its own, so it did not arrive.`,
    `Put \`--\` before it: \`npm run test:${suite} -- --${name}\`.`,
  );
}

function isOurs(name: string): name is Name {
  return Object.hasOwn(OPTIONS, name);
}

function checkedValue(name: Name, value: string | undefined): string {
  const wanted = OPTIONS[name].type === 'string';
  if (wanted && !value) throw new CannotRun(`--${name} needs a value.`, `Write it as \`--${name} <${name}>\`.`);
  if (!wanted && value !== undefined)
    throw new CannotRun(`--${name} takes no value.`, `Write \`--${name}\` alone, or leave it out.`);
  return value ?? '';
}

function isOn(env: NodeJS.ProcessEnv, name: string): boolean {
  return !['', '0', 'false'].includes((env[name] ?? '').toLowerCase());
}
