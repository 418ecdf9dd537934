/** The flags of the runner's own, taken out of the words that are meant for Vitest; each may be a variable instead. */

import { parseArgs } from 'node:util';
import { CannotRun } from '../../fixtures/model/errors.ts';
import type { PlatformKind, Staging } from '../../fixtures/model/project.ts';

export interface Flags {
  /** How the project under test is migrated; for the attacks alone. */
  readonly staging: Staging;
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
  continue: { type: 'boolean' },
  strict: { type: 'boolean' },
} as const;

type Name = keyof typeof OPTIONS;

/** @throws CannotRun for a flag without its value, one with a wrong value, or one where no attacks run. */
export function readFlags(args: readonly string[], env: NodeJS.ProcessEnv, attacks: boolean): Flags {
  const { given, rest } = takeOut(args);
  const [first] = given.keys();
  if (!attacks) {
    if (first === undefined) return { staging: {}, strict: false, words: [], rest };
    throw new CannotRun(`--${first} is for the attacks alone.`, 'Use it as in `npm run test:attacks -- --to 2`.');
  }
  refuseSwallowed(given, env);
  const to = given.get('to') ?? (env.ROWPROOF_TO || undefined);
  const platform = readPlatform(given.get('platform') ?? (env.ROWPROOF_PLATFORM || undefined));
  const continueOnError = given.has('continue') || isOn(env, 'ROWPROOF_CONTINUE');
  const strict = given.has('strict') || isOn(env, 'ROWPROOF_STRICT');
  return {
    staging: {
      ...(to === undefined ? {} : { to }),
      ...(platform === undefined ? {} : { platform }),
      ...(continueOnError ? { continueOnError } : {}),
    },
    strict,
    words: [
      ...(to === undefined ? [] : ['--to', to]),
      ...(platform === undefined ? [] : ['--platform', platform]),
      ...(continueOnError ? ['--continue'] : []),
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
    given.set(token.name, textOf(token.name, token.value));
    taken.add(token.index);
    if (token.value !== undefined && !token.inlineValue) taken.add(token.index + 1);
  }
  return { given, rest: args.filter((_, index) => !taken.has(index)) };
}

/** Without `--` before it npm takes a flag for a setting of its own, and the run would silently go without it. */
function refuseSwallowed(given: ReadonlyMap<Name, string>, env: NodeJS.ProcessEnv): void {
  const name = Object.keys(OPTIONS).find((flag) => isOurs(flag) && env[`npm_config_${flag}`] && !given.has(flag));
  if (name === undefined) return;
  throw new CannotRun(
    `npm took --${name} for a setting of its own, so it did not arrive.`,
    `Put \`--\` before it: \`npm run test:attacks -- --${name}\`.`,
  );
}

function isOurs(name: string): name is Name {
  return Object.hasOwn(OPTIONS, name);
}

function textOf(name: Name, value: string | undefined): string {
  const wanted = OPTIONS[name].type === 'string';
  if (wanted && !value) throw new CannotRun(`--${name} needs a value.`, `Write it as \`--${name} <${name}>\`.`);
  if (!wanted && value !== undefined)
    throw new CannotRun(`--${name} takes no value.`, `Write \`--${name}\` alone, or leave it out.`);
  return value ?? '';
}

function readPlatform(given: string | undefined): PlatformKind | undefined {
  if (given === undefined || given === 'supabase' || given === 'plain') return given;
  throw new CannotRun(
    `There is no platform \`${given}\`.`,
    'Name supabase or plain, or leave it out to let the project tell.',
  );
}

function isOn(env: NodeJS.ProcessEnv, name: string): boolean {
  return !['', '0', 'false'].includes((env[name] ?? '').toLowerCase());
}
