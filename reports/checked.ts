/** From a finished check to what the reports hold: findings.json's content, and the groups of tests for JUnit. */

import { availableParallelism } from 'node:os';
import type { Checked } from '../fixtures/engine/check.ts';
import type { SurfaceResult } from '../fixtures/engine/findings.ts';
import { fails } from '../fixtures/engine/telling.ts';
import { describeFailure } from '../fixtures/migrate/migrate.ts';
import type { MigrationFailure } from '../fixtures/model/project.ts';
import type { Severity } from '../fixtures/model/verdict.ts';
import { findingText } from './finding.ts';
import { byImportance, compare, type FindingsFile, findingEntry, surfaceEntry, surfaceName } from './findings.ts';
import type { Outcome, RunReport, TestEntry, TestGroup } from './run.ts';

/** What the caller of the engine knows besides. */
export interface CheckRun {
  readonly version: string;
  readonly server: { readonly version: string; readonly kind: string; readonly run: string; readonly summary: string };
  readonly seed: number;
  readonly folder: string;
  readonly stage: string;
  /** The least severity that JUnit calls a failure. */
  readonly failOn: Severity;
  readonly started: Date;
  readonly milliseconds: number;
  /** Where the caller's own time went. */
  readonly stages: { readonly [stage: string]: number };
  readonly replay: string;
}

/** The content of findings.json: in an order that depends on neither seed nor time. */
export function findingsFile(checked: Checked, run: CheckRun): FindingsFile {
  const { examination, summary } = checked;
  const { catalog, platform } = examination.scene;
  const { migrations, probes, milliseconds: within } = examination;
  const byKey = <T extends { readonly key: string }>(some: readonly T[]) =>
    some.toSorted((a, b) => compare(a.key, b.key));
  return {
    tool: { name: 'rowproof', version: run.version },
    server: { version: run.server.version, kind: run.server.kind },
    project: { name: summary.project, platform, stage: run.stage, defaultGrants: checked.project.defaultGrants },
    seed: run.seed,
    findings: checked.findings.toSorted(byImportance).map((finding) => findingEntry(catalog, finding)),
    questions: byKey(checked.questions).map(({ key, attack, persona, observed, surface }) => ({
      key,
      attack,
      surface: surfaceEntry(catalog, surface, []),
      persona,
      observed,
    })),
    unknown: byKey(checked.unknown).map(({ key, attack, reason, surface }) => ({
      key,
      attack,
      surface: surfaceEntry(catalog, surface, []),
      reason,
    })),
    coverage: coverageOf(checked),
    http: httpOf(checked),
    migrations: { applied: migrations.applied, failed: firstCauses(migrations.failed), notes: migrations.notes },
    stubs: migrations.stubs.toSorted(compare),
    waived: checked.waived.toSorted(compare),
    waivers: summary.waivers,
    run: {
      id: run.server.run,
      started: run.started.toISOString(),
      milliseconds: Math.round(run.milliseconds),
      stages: rounded({ ...run.stages, ...within }),
      probes,
      probesPerSecond: Math.round((1000 * probes) / Math.max(1, within['probes'] ?? 0)),
      folder: run.folder,
      host: {
        platform: process.platform,
        arch: process.arch,
        node: process.version,
        cpus: availableParallelism(),
      },
    },
  };
}

function rounded(stages: { readonly [stage: string]: number }): { readonly [stage: string]: number } {
  return Object.fromEntries(Object.entries(stages).map(([name, milliseconds]) => [name, Math.round(milliseconds)]));
}

function coverageOf({ examination, summary }: Checked): FindingsFile['coverage'] {
  const { relations, policies, routines } = summary.covered;
  const flows = new Set(
    examination.judged
      .filter(({ observations }) => observations.length > 0)
      .map(({ trial: { surface, persona } }) => `${surface.verb} ${surface.name} ${persona.name}`),
  );
  const { world } = examination.scene;
  return {
    relations: { populated: relations[0], total: relations[1] },
    policies: { exercised: policies[0], total: policies[1] },
    routines: { reached: routines[0], total: routines[1] },
    flows: flows.size,
    notCovered: world.unpopulated.map(({ relation, reason }) => `${relation} has no row: ${reason}`).toSorted(compare),
  };
}

function httpOf({ surfaces }: Checked): FindingsFile['http'] {
  const tried = surfaces.filter(({ door }) => door !== null);
  const held = tried.filter(({ state }) => state === 'held').length;
  const [door = null] = tried.map((one) => one.door);
  return { door, tried: tried.length, held };
}

/** What fails by itself first; what only misses another file's work after it. */
function firstCauses(failed: readonly MigrationFailure[]): readonly MigrationFailure[] {
  return [...failed.filter(({ follows }) => follows === null), ...failed.filter(({ follows }) => follows !== null)];
}

/** One test for each attack and surface, and one for each migration file that failed. */
export function junitReport(checked: Checked, run: CheckRun): RunReport {
  const groups = [...Map.groupBy(checked.surfaces, ({ attack }) => attack.id)].map(
    ([attack, results]): TestGroup =>
      group(
        checked.summary.project,
        attack,
        results.map((result) => entryOf(result, run.failOn)),
      ),
  );
  const failed = checked.examination.migrations.failed.map(
    (failure): TestEntry => ({
      ...EMPTY,
      name: `${failure.file} applies`,
      outcome: { state: 'undecided', verdict: 'unknown', reason: describeFailure(failure) },
    }),
  );
  return {
    suite: 'check',
    started: run.started.toISOString().slice(0, 19),
    milliseconds: run.milliseconds,
    seed: run.seed,
    server: run.server.summary,
    replay: run.replay,
    stages: [],
    firstVerdict: null,
    groups: failed.length > 0 ? [group(checked.summary.project, 'migrations', failed), ...groups] : groups,
    summaries: [checked.summary],
    obstacle: null,
    strict: false,
  };
}

const EMPTY = { ids: [], milliseconds: 0, finding: null, surface: null, persona: null } as const;

function group(project: string, about: string, tests: readonly TestEntry[]): TestGroup {
  return {
    name: `${project} › ${about}`,
    className: `check.${project.replaceAll('.', '·')}.${about}`,
    file: '',
    tests,
  };
}

function entryOf(result: SurfaceResult, failOn: Severity): TestEntry {
  const { finding, surface } = result;
  return {
    ...EMPTY,
    name: surfaceName(result),
    outcome: outcomeOf(result, failOn),
    finding: result.state === 'broken' ? finding : null,
    surface: `${surface.name} ${surface.verb}`,
    persona: finding?.persona ?? null,
    ...(result.state === 'held' && result.door !== null ? { held: result.door } : {}),
  };
}

function outcomeOf({ state, finding, question, unknown }: SurfaceResult, failOn: Severity): Outcome {
  if (state === 'broken' && finding && fails(finding, failOn))
    return { state: 'failed', message: finding.title, details: findingText(finding) };
  if (state === 'question' && question) return { state: 'undecided', verdict: 'question', reason: question.observed };
  if (state === 'unknown' && unknown) return { state: 'undecided', verdict: 'unknown', reason: unknown.reason };
  return { state: 'passed' };
}
