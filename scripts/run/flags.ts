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
} as const;

type Name = keyof typeof OPTIONS;

/** @throws CannotRun for a flag without its value, one with a wrong value, or one where no attacks run. */
export function readFlags(args: readonly string[], env: NodeJS.ProcessEnv, attacks: boolean): Flags {
  const { given, rest } = takeOut(args);
  const [first] = given.keys();
  if (!attacks) {
    if (first === undefined) return { staging: {}, failOn: FAIL_ON, strict: false, words: [], rest };
    throw new CannotRun(`--${first} is for the attacks alone.`, 'Use it as in `npm run test:attacks -- --to 2`.');
  }
  refuseSwallowed(given, env);
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
    rest,
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
function refuseSwallowed(given: ReadonlyMap<Name, string>, env: NodeJS.ProcessEnv): void {
  const name = Object.keys(OPTIONS).find(
    (flag) => isOurs(flag) && env[`npm_config_${flag.replaceAll('-', '_')}`] && !given.has(flag),
  );
  if (name === undefined) return;
  throw new CannotRun(
    `npm took --${name} for a setting of its own, so it did not arrive.`,
    `Put \`--\` before it: \`npm run test:attacks -- --${name}\`.`,
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
