/** Reads what the runner was asked to do from its arguments and the environment. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CliOptions, parseCLI } from 'vitest/node';
import { CannotRun } from '../../fixtures/model/errors.ts';
import type { Staging } from '../../fixtures/model/project.ts';
import type { Severity } from '../../fixtures/model/verdict.ts';
import { shellWord } from '../../reports/screen.ts';
import { readFlags } from './flags.ts';
import { readSeed } from './seed.ts';
import { readWorkers } from './workers.ts';

export type Suite = 'acceptance' | 'self' | 'catalogue' | 'attacks' | 'chaos';

export interface Command {
  readonly suites: readonly Suite[];
  readonly seed: number;
  /** True when nobody set the seed. */
  readonly drawn: boolean;
  /** Absolute path of the folder under test; null unless the attacks run. */
  readonly project: string | null;
  /** How its migrations are applied. */
  readonly staging: Staging;
  /** The least severity that ends with 1. */
  readonly failOn: Severity;
  /** Questions and unknowns end with 1, too. */
  readonly strict: boolean;
  /** Every cell of chaos' sweep, not a sample. */
  readonly full: boolean;
  /** Timelines of what is held, too. */
  readonly verbose: boolean;
  readonly workers: number;
  /** File filters for Vitest. */
  readonly filters: readonly string[];
  readonly vitest: CliOptions;
  /** A command that repeats this run. */
  readonly replay: string;
}

/** What Vitest is given as it is; `--`, `color` and `run` it sets itself. */
const passedOn: ReadonlySet<string> = new Set([
  ...['--', 'color', 'run'],
  ...['testNamePattern', 't', 'bail', 'config', 'c', 'coverage', 'testTimeout', 'hookTimeout', 'update', 'u'],
]);

/** What decides a run beside its seed, and holds no secret. */
const replayed = [
  ...(['ROWPROOF_SERVER', 'ROWPROOF_PG_MAJOR', 'ROWPROOF_PG_IMAGE', 'ROWPROOF_TOXIPROXY_IMAGE'] as const),
  ...(['ROWPROOF_DOOR', 'ROWPROOF_POSTGREST_IMAGE'] as const),
  'PROJECT',
] as const;

const suiteNames: readonly Suite[] = ['acceptance', 'self', 'catalogue', 'attacks', 'chaos'];

/** @throws CannotRun when the arguments or the environment make no sense. */
export function readCommand(argv: readonly string[], env: NodeJS.ProcessEnv): Command {
  const suites = readSuites(argv);
  const words = argv.slice(suites.words).filter((word) => word !== '--');
  const flags = readFlags(words, env, suites.names);
  const { seed, drawn } = readSeed(env);
  const { filter, options } = parseVitest(flags.rest);
  const project = suites.names.includes('attacks') ? readProject(env) : null;
  return {
    suites: suites.names,
    seed,
    drawn,
    project,
    staging: flags.staging,
    failOn: flags.failOn,
    strict: flags.strict,
    full: flags.full,
    verbose: flags.verbose,
    workers: readWorkers(env),
    filters: filter,
    vitest: options,
    replay: replayLine(env, { seed, words: argv.slice(0, suites.words), rest: [...flags.words, ...flags.rest] }),
  };
}

function readSuites(argv: readonly string[]): { names: readonly Suite[]; words: number } {
  if (argv[0] === 'all') return { names: ['acceptance', 'self'], words: 1 };
  const end = argv.findIndex((word) => !isSuite(word));
  const names = argv.slice(0, end === -1 ? argv.length : end).filter(isSuite);
  if (names.length > 0) return { names: [...new Set(names)], words: names.length };
  const given = argv[0] === undefined ? 'No suite was named' : `There is no suite \`${argv[0]}\``;
  throw new CannotRun(
    `${given}.`,
    `Name one of: ${suiteNames.join(', ')}, or \`all\` for acceptance and self; --help says more.`,
  );
}

function isSuite(word: string): word is Suite {
  return suiteNames.some((name) => name === word);
}

function parseVitest(args: readonly string[]): { filter: string[]; options: CliOptions } {
  try {
    const parsed = parseCLI(['vitest', 'run', ...args]);
    refuseUnknown(parsed.options);
    return parsed;
  } catch (error) {
    if (error instanceof CannotRun) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CannotRun(
      `Vitest does not take these arguments: ${reason}.`,
      'See `npx vitest --help` for what may follow the suite.',
    );
  }
}

/** Vitest itself would take the word after an unknown flag for its value, and run everything. */
function refuseUnknown(options: CliOptions): void {
  const unknown = Object.keys(options).find((name) => !passedOn.has(name));
  if (unknown === undefined) return;
  throw new CannotRun(
    `There is no option \`${unknown.length === 1 ? '-' : '--'}${unknown}\`.`,
    'Run `npm run test:attacks -- --help` to see those there are.',
  );
}

function readProject(env: NodeJS.ProcessEnv): string {
  if (!env.PROJECT) {
    throw new CannotRun(
      'The attacks need a project, and PROJECT is not set.',
      'Run `PROJECT=<folder> npm run test:attacks`; the folder holds your migrations.',
    );
  }
  const folder = resolve(env.INIT_CWD ?? '.', env.PROJECT);
  if (!existsSync(folder)) {
    throw new CannotRun(
      `PROJECT names ${folder}, which does not exist.`,
      'Give the folder that holds your migrations.',
    );
  }
  return folder;
}

function replayLine(
  env: NodeJS.ProcessEnv,
  run: { seed: number; words: readonly string[]; rest: readonly string[] },
): string {
  const passed = replayed.flatMap((name) => (env[name] ? [`${name}=${shellWord(env[name])}`] : []));
  const start =
    run.words.length === 1 ? `npm run test:${run.words[0]}` : `npx node scripts/test.ts ${run.words.join(' ')}`;
  const rest = run.rest.length > 0 ? ['--', ...run.rest.map(shellWord)] : [];
  return [`ROWPROOF_SEED=${run.seed}`, ...passed, start, ...rest].join(' ');
}
