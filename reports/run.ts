/** One finished run as every report format receives it: plain data, sorted, without secrets. */

import type { DoorKind } from '../fixtures/model/door.ts';
import type { DoorNotes, ExaminationSummary } from '../fixtures/model/summary.ts';
import type { Finding } from '../fixtures/model/verdict.ts';

export interface RunReport {
  /** `acceptance`, `self`, `attacks`, or several joined by `+`. */
  readonly suite: string;
  /** ISO time at which the run started. */
  readonly started: string;
  readonly milliseconds: number;
  /** Null when the run ended before there was a seed. */
  readonly seed: number | null;
  /** The line that says which server was used; null when none was. */
  readonly server: string | null;
  /** A command that repeats this run exactly. */
  readonly replay: string;
  /** Where the runner's own time went, in order, e.g. `boot`, `tests`, `stop`. */
  readonly stages: readonly Stage[];
  /** Milliseconds from the start of the process to the first test's result; null when there was none. */
  readonly firstVerdict: number | null;
  readonly groups: readonly TestGroup[];
  readonly summaries: readonly ExaminationSummary[];
  /** Why the run could not do its job; null when it could. */
  readonly obstacle: Obstacle | null;
  /** Questions and unknowns count as failures. */
  readonly strict: boolean;
}

export interface Stage {
  readonly name: string;
  readonly milliseconds: number;
}

/** Tests of one file under the same headings. */
export interface TestGroup {
  /** For people: `Messaging V2 › RPC refusals`. */
  readonly name: string;
  /** For machines: dotted, unique to file and headings. */
  readonly className: string;
  /** Path from the checkout's root, with forward slashes. */
  readonly file: string;
  readonly tests: readonly TestEntry[];
}

export interface TestEntry {
  readonly name: string;
  /** `T-MSG-03`, from the name's beginning; mostly one or none. */
  readonly ids: readonly string[];
  readonly milliseconds: number;
  readonly outcome: Outcome;
  readonly finding: Finding | null;
  readonly surface: string | null;
  readonly persona: string | null;
  /** An attack that was held, as far as this door shows; absent: PostgreSQL shows it. */
  readonly held?: DoorKind;
  /** Which way its statements took; absent where there is one way only. */
  readonly door?: DoorNotes;
}

export type Outcome =
  /** `note`: what is to be told all the same. */
  | { readonly state: 'passed'; readonly note?: string }
  | { readonly state: 'skipped'; readonly reason: string }
  /** The test of an attack that decided nothing: neither right nor wrong. */
  | { readonly state: 'undecided'; readonly verdict: 'question' | 'unknown'; readonly reason: string }
  /** The test ran and its statement is false. */
  | { readonly state: 'failed'; readonly message: string; readonly details: string }
  /** The test, or its file, could not run. */
  | { readonly state: 'error'; readonly message: string; readonly details: string };

/** One clear sentence and what to do about it. */
export interface Obstacle {
  readonly sentence: string;
  readonly fix: string;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly errors: number;
  readonly undecided: number;
}

/** Counts a run's tests by outcome. An obstacle is no test and is not counted here. */
export function countTests(report: RunReport): Counts {
  const tests = report.groups.flatMap((group) => group.tests);
  const count = (state: Outcome['state']) => tests.filter((test) => test.outcome.state === state).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    errors: count('error'),
    undecided: count('undecided'),
  };
}
