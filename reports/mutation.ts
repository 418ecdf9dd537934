/** `mutation.json`: every mutant with its fate, for machines; what depends on the clock or the host stands in `run` alone. */

import { availableParallelism } from 'node:os';
import { describeFailure } from '../fixtures/migrate/migrate.ts';
import type { MutantResult, Skipped } from '../fixtures/model/mutant.ts';
import type { DefaultGrants, MigrationReport, PlatformKind, Project } from '../fixtures/model/project.ts';
import { guardsOf, percentKilled, type Tally, tallyBy, tallyOf, type WatchedGuard } from '../fixtures/mutate/score.ts';
import { compare } from './findings.ts';

/** As `reports/mutation.schema.json` describes it. */
export interface MutationFile {
  readonly tool: { readonly name: 'rowproof'; readonly version: string };
  readonly server: { readonly version: string; readonly kind: string };
  readonly project: {
    readonly name: string;
    readonly platform: PlatformKind;
    readonly defaultGrants: DefaultGrants;
    /** Digest of the project as it was, and of this Rowproof. */
    readonly state: string;
  };
  readonly seed: number;
  readonly scope: Scope;
  readonly score: Scored;
  readonly operators: readonly (Scored & { readonly name: string })[];
  readonly surfaces: readonly (Scored & { readonly name: string })[];
  /** Each guard with who watches it. */
  readonly guards: readonly WatchedGuard[];
  /** Each guard that a T-test says it watches; none where no tests were asked. */
  readonly watches: readonly TestWatch[];
  readonly mutants: readonly MutantResult[];
  readonly skipped: readonly Skipped[];
  /** Judges that answered twice differently on the project as it is, and were left out. */
  readonly noisy: readonly string[];
  readonly failedMigrations: readonly string[];
  readonly run: MutationRun;
}

export interface TestWatch {
  readonly test: string;
  readonly guard: string;
  /** Keys of mutants on which the test passed, and should not have; empty: it watches. */
  readonly missed: readonly string[];
  /** Every T-id that failed without the guard; null: only the test's own were asked. */
  readonly red: readonly string[] | null;
  /** What else is wrong, a sentence each: too many fail, or a call fails that the guard lets pass. */
  readonly faults: readonly string[];
}

/** Whether the test watches the guard, and nothing else is wrong. */
export function isSound({ missed, faults }: TestWatch): boolean {
  return missed.length === 0 && faults.length === 0;
}

/** Which mutants were asked for; all where both are null. */
export interface Scope {
  readonly only: string | null;
  /** The git ref that they were compared with. */
  readonly since: string | null;
  /** Digest of the T-tests that judged, too; null: none did. */
  readonly tests: string | null;
  /** True: only guards that T-tests name were removed, and nobody but T-tests judged. */
  readonly guards: boolean;
}

export interface Scored extends Tally {
  /** Killed of killed and survived, in percent, rounded down to tenths; null: none was judged. */
  readonly percent: number | null;
}

/** All times, and what belongs to this one run. */
export interface MutationRun {
  readonly id: string;
  readonly started: string;
  readonly milliseconds: number;
  readonly stages: { readonly [stage: string]: number };
  /** Acts of this run; what an interrupted one did is not among them. */
  readonly probes: number;
  /** Results taken from an interrupted run. */
  readonly resumed: number;
  readonly folder: string;
  readonly host: { readonly platform: string; readonly arch: string; readonly node: string; readonly cpus: number };
}

/** What came of the mutants, as the engine hands it over. */
export interface Mutated {
  readonly project: Project;
  readonly results: readonly MutantResult[];
  readonly skipped: readonly Skipped[];
  readonly watches: readonly TestWatch[];
  readonly noisy: readonly string[];
  readonly migrations: Pick<MigrationReport, 'failed'>;
}

/** About the run rather than the project. */
export interface MutationFacts {
  readonly version: string;
  readonly server: { readonly version: string; readonly kind: string };
  readonly seed: number;
  readonly state: string;
  readonly scope: Scope;
  readonly run: Omit<MutationRun, 'host'>;
}

/** Sorted, so that two runs can be compared by their text. */
export function mutationFile(mutated: Mutated, facts: MutationFacts): MutationFile {
  const { project, results, skipped } = mutated;
  const { name, platform, defaultGrants } = project;
  return {
    tool: { name: 'rowproof', version: facts.version },
    server: { version: facts.server.version, kind: facts.server.kind },
    project: { name, platform, defaultGrants, state: facts.state },
    seed: facts.seed,
    scope: facts.scope,
    score: scored(tallyOf(results, skipped.length)),
    operators: tallyBy('operator', results, skipped).map(scored),
    surfaces: tallyBy('surface', results, skipped).map(scored),
    guards: guardsOf(results),
    watches: mutated.watches
      .map(({ test, guard, missed, red, faults }) => ({ test, guard, missed, red, faults }))
      .toSorted((one, other) => compare(one.test, other.test) || compare(one.guard, other.guard)),
    mutants: results.toSorted((one, other) => compare(one.key, other.key)),
    skipped: skipped.toSorted(
      (one, other) =>
        compare(one.operator, other.operator) ||
        compare(one.surface, other.surface) ||
        compare(one.reason, other.reason),
    ),
    noisy: mutated.noisy.toSorted(compare),
    failedMigrations: mutated.migrations.failed.map(describeFailure),
    run: {
      ...facts.run,
      host: { platform: process.platform, arch: process.arch, node: process.version, cpus: availableParallelism() },
    },
  };
}

function scored<T extends Tally>(tally: T): T & Pick<Scored, 'percent'> {
  return { ...tally, percent: percentKilled(tally) };
}

/** What `check` and `--map` look up later: whom each guard of the whole project is watched by. */
export interface WatchFile {
  readonly project: Pick<MutationFile['project'], 'name' | 'state'>;
  readonly seed: number;
  /** Digest of the T-tests that judged, too; null: none did. */
  readonly tests: string | null;
  readonly guards: readonly WatchedGuard[];
  readonly watches: readonly TestWatch[];
}

/** Null of a run that left mutants out: it does not know the others' guards. */
export function watchFile({ project, seed, scope, guards, watches }: MutationFile): WatchFile | null {
  if (scope.only !== null || scope.since !== null || scope.guards) return null;
  return { project: { name: project.name, state: project.state }, seed, tests: scope.tests, guards, watches };
}
