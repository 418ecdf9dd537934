/** What reports say of thrown errors, which arrive serialised: their class is lost, their fields are not. */

import type { Obstacle } from './run.ts';

export interface ErrorLike {
  readonly message: string;
  readonly name?: string;
  readonly stacks?: readonly { readonly file: string; readonly line: number; readonly column: number }[];
  readonly cause?: ErrorLike;
  readonly diff?: unknown;
  readonly fix?: unknown;
}

/** The first `CannotRun` among errors and their causes, known by its `name`. */
export function findObstacle(errors: readonly ErrorLike[]): Obstacle | null {
  for (const error of errors.flatMap(withCauses)) {
    if (error.name === 'CannotRun')
      return { sentence: error.message, fix: typeof error.fix === 'string' ? error.fix : '' };
  }
  return null;
}

/** The first line of the first error. */
export function firstLine(errors: readonly ErrorLike[]): string {
  return errors[0]?.message.split('\n', 1)[0] || 'failed without a message';
}

/** Messages, differences and the places in this project, one after the other. */
export function errorDetails(errors: readonly ErrorLike[]): string {
  return errors.map((error) => withCauses(error).map(describe).join('\ncaused by ')).join('\n\n');
}

function withCauses(error: ErrorLike): readonly ErrorLike[] {
  return error.cause ? [error, ...withCauses(error.cause)] : [error];
}

function describe(error: ErrorLike): string {
  const frames = (error.stacks ?? [])
    .filter((frame) => !frame.file.includes('/node_modules/'))
    .map((frame) => `    at ${frame.file.replace(`${process.cwd()}/`, '')}:${frame.line}:${frame.column}`);
  const diff = typeof error.diff === 'string' ? ['', error.diff] : [];
  return [`${error.name ?? 'Error'}: ${error.message}`, ...diff, ...frames].join('\n');
}
