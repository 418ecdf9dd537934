/** `chaos_report.json`: scenarios, sweeps and schedules under faults; what depends on host and run stands in `run`, but for times. */

import { availableParallelism } from 'node:os';
import { gapsOf, placeName } from '../chaos/gaps.ts';
import type {
  Actless,
  CellResult,
  ChaosNotes,
  ChaosVerdict,
  FaultProxy,
  Moment,
  ScenarioResult,
  ScheduleResult,
  Sweep,
} from '../chaos/model.ts';
import {
  type ActTally,
  actTallies,
  type CellTally,
  faultsOf,
  type MatrixPlace,
  matrixOf,
  momentsOf,
  tallyCells,
} from './chaos-tallies.ts';
import { compare } from './findings.ts';

/** As `reports/chaos_report.schema.json` describes it. */
export interface ChaosFile {
  readonly tool: { readonly name: 'rowproof'; readonly version: string };
  readonly server: { readonly version: string; readonly kind: string };
  readonly seed: number;
  /** Every cell of the sweep was asked for, not a sample. */
  readonly full: boolean;
  /** What the run comes to: a warning that is broken does not count. */
  readonly verdict: ChaosVerdict;
  readonly scenarios: readonly ScenarioResult[];
  /** Null: nothing was swept. */
  readonly sweep: SweepReport | null;
  readonly schedules: readonly ScheduleResult[];
  readonly run: ChaosRun;
}

export interface SweepReport extends CellTally {
  readonly faults: Sweep['faults'];
  readonly moments: readonly Moment[];
  /** Over all systems: each fault at each moment. */
  readonly matrix: readonly MatrixPlace[];
  readonly systems: readonly SystemSweep[];
  readonly acts: readonly ActTally[];
  readonly actless: readonly Actless[];
  /** Every cell that is broken or unknown. */
  readonly notHeld: readonly CellResult[];
  /** Pairs that were neither tried nor impossible, by system; there should be none. */
  readonly gaps: readonly string[];
}

export interface SystemSweep extends CellTally {
  readonly system: string;
  readonly acts: number;
  readonly matrix: readonly MatrixPlace[];
  readonly milliseconds: number;
}

/** What belongs to this one run. */
export interface ChaosRun {
  readonly id: string;
  readonly started: string;
  readonly milliseconds: number;
  /** The line that says which server was used. */
  readonly server: string;
  /** Each fault proxy that was used. */
  readonly proxies: readonly FaultProxy[];
  readonly replay: string;
  readonly host: { readonly platform: string; readonly arch: string; readonly node: string; readonly cpus: number };
}

export interface ChaosFacts extends Pick<ChaosFile, 'server' | 'seed' | 'full'> {
  readonly version: string;
  readonly run: Omit<ChaosRun, 'host' | 'proxies'>;
}

/** In an order that depends on neither seed nor time. */
export function chaosFile(told: readonly ChaosNotes[], { version, server, seed, full, run }: ChaosFacts): ChaosFile {
  const scenarios = told
    .flatMap(({ scenario }) => scenario ?? [])
    .toSorted((one, other) => compare(one.id, other.id) || compare(one.system, other.system));
  const sweep = sweepReport(told.flatMap((notes) => notes.sweep ?? []));
  const schedules = told
    .flatMap(({ schedule }) => schedule ?? [])
    .toSorted((one, other) => compare(one.system, other.system) || compare(one.mustHold, other.mustHold));
  const proxies = [...new Map(told.map(({ proxy }) => [JSON.stringify(proxy), proxy] as const))]
    .toSorted(([one], [other]) => compare(one, other))
    .map(([, proxy]) => proxy);
  const host = { platform: process.platform, arch: process.arch, node: process.version, cpus: availableParallelism() };
  return {
    tool: { name: 'rowproof', version },
    server: { version: server.version, kind: server.kind },
    seed,
    full,
    verdict: verdictOf(scenarios, sweep, schedules),
    scenarios,
    sweep,
    schedules,
    run: { ...run, proxies, host },
  };
}

/** Parts of one system are put together. */
function sweepReport(sweeps: readonly Sweep[]): SweepReport | null {
  if (sweeps.length === 0) return null;
  const sorted = sweeps.toSorted((one, other) => compare(one.system, other.system));
  const cells = sorted.flatMap((sweep) => sweep.cells);
  const systems = [...Map.groupBy(sorted, ({ system }) => system)].map(([system, parts]) => ({
    system,
    ...together(parts),
    acts: parts.flatMap(({ acts }) => acts).length,
    matrix: matrixOf(parts),
    milliseconds: parts.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
  }));
  return {
    ...together(sorted),
    faults: faultsOf(sorted),
    moments: momentsOf(sorted),
    matrix: matrixOf(sorted),
    systems,
    acts: sorted.flatMap(actTallies).toSorted(byName),
    actless: sorted.flatMap(({ actless }) => actless).toSorted(byName),
    notHeld: cells.filter(({ verdict }) => verdict !== 'held').toSorted(byPlace),
    gaps: sorted.flatMap((sweep) => gapsOf(sweep).map((gap) => `${sweep.system}: ${placeName(gap)}`)),
  };
}

function together(sweeps: readonly Sweep[]): CellTally {
  return tallyCells({
    cells: sweeps.flatMap(({ cells }) => cells),
    impossible: sweeps.flatMap(({ impossible }) => impossible),
  });
}

function byName(one: Pick<Actless, 'system' | 'name'>, other: Pick<Actless, 'system' | 'name'>): number {
  return compare(one.system, other.system) || compare(one.name, other.name);
}

function byPlace(one: CellResult, other: CellResult): number {
  const placeOf = ({ system, act, fault, moment }: CellResult) => [system, act, fault, moment].join('\n');
  return compare(placeOf(one), placeOf(other));
}

function verdictOf(
  scenarios: readonly ScenarioResult[],
  sweep: SweepReport | null,
  schedules: readonly ScheduleResult[],
): ChaosVerdict {
  const counted = scenarios.filter(({ kind, verdict }) => kind === 'blocking' || verdict !== 'broken');
  const verdicts = [...counted, ...schedules].map(({ verdict }) => verdict);
  if (verdicts.includes('broken') || (sweep?.broken ?? 0) > 0) return 'broken';
  const nothing = verdicts.length + (sweep?.held ?? 0) === 0;
  const unsure = verdicts.includes('unknown') || (sweep?.unknown ?? 0) + (sweep?.gaps.length ?? 0) > 0;
  return nothing || unsure ? 'unknown' : 'held';
}
