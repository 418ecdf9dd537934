/** `findings.json`: everything that a check found, for machines; what depends on the clock or the host stands in `run` alone. */

import type { SurfaceResult } from '../fixtures/engine/findings.ts';
import { SEVERITIES } from '../fixtures/engine/telling.ts';
import type { Catalog } from '../fixtures/model/catalog.ts';
import type { DoorKind } from '../fixtures/model/door.ts';
import type { DefaultGrants, MigrationFailure, PlatformKind } from '../fixtures/model/project.ts';
import type { Finding, Proof, Question, Reach, Severity, Surface, Unknown } from '../fixtures/model/verdict.ts';

/** As `reports/findings.schema.json` describes it. */
export interface FindingsFile {
  readonly tool: { readonly name: 'rowproof'; readonly version: string };
  readonly server: { readonly version: string; readonly kind: string };
  readonly project: {
    readonly name: string;
    readonly platform: PlatformKind;
    /** Migration version that was examined, or `head`. */
    readonly stage: string;
    /** Whether the hosted platform gives the API's roles rights on each new table. */
    readonly defaultGrants: DefaultGrants;
  };
  readonly seed: number;
  readonly findings: readonly FindingEntry[];
  readonly questions: readonly (Pick<Question, 'key' | 'attack' | 'persona' | 'observed'> & {
    readonly surface: SurfaceEntry;
  })[];
  readonly unknown: readonly (Pick<Unknown, 'key' | 'attack' | 'reason'> & { readonly surface: SurfaceEntry })[];
  readonly coverage: Coverage;
  /** Attacks on surfaces that only requests can try: the door that was there, how many, and how many were held. */
  readonly http: { readonly door: DoorKind | null; readonly tried: number; readonly held: number };
  readonly migrations: {
    readonly applied: readonly string[];
    readonly failed: readonly MigrationFailure[];
    readonly notes: readonly string[];
  };
  /** Extensions that were only stood in for. */
  readonly stubs: readonly string[];
  /** Keys of findings that `access.yaml` waives, and sentences about its waivers. */
  readonly waived: readonly string[];
  readonly waivers: readonly string[];
  readonly run: RunFacts;
}

export interface FindingEntry {
  readonly key: string;
  readonly attack: string;
  readonly severity: Severity;
  readonly surface: SurfaceEntry;
  readonly persona: string;
  readonly personas: readonly string[];
  readonly relation: string;
  readonly title: string;
  readonly expected: string;
  readonly observed: string;
  readonly sqlstate: string | null;
  readonly reachable: Reach;
  readonly door: DoorKind | null;
  readonly triedAt: DoorKind | null;
  readonly reachedBecause: string | null;
  readonly cause: string;
  /** The policy, grant or function that allowed it, in its own words. */
  readonly allowedBy: string;
  readonly source: { readonly file: string; readonly line: number } | null;
  readonly repair: string;
  readonly witness: string;
  readonly proof: Proof;
}

export interface SurfaceEntry {
  readonly kind: Surface['kind'];
  readonly schema: string | null;
  readonly name: string;
  /** Argument types of a routine; null for everything else. */
  readonly signature: string | null;
  readonly verb: string;
  readonly columns: readonly string[];
}

export interface Coverage {
  readonly relations: { readonly populated: number; readonly total: number };
  readonly policies: { readonly exercised: number; readonly total: number };
  readonly routines: { readonly reached: number; readonly total: number };
  readonly flows: number;
  readonly notCovered: readonly string[];
}

/** All times, and what belongs to this one run. */
export interface RunFacts {
  readonly id: string;
  readonly started: string;
  readonly milliseconds: number;
  readonly stages: { readonly [stage: string]: number };
  readonly probes: number;
  readonly probesPerSecond: number;
  /** Absolute path of the project, for a replay. */
  readonly folder: string;
  readonly host: { readonly platform: string; readonly arch: string; readonly node: string; readonly cpus: number };
}

/** The worst first, then by key: the same in every order of running. */
export function byImportance(one: Finding, other: Finding): number {
  return SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) || compare(one.key, other.key);
}

/** By code unit, the same in every locale. */
export function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** A finding as findings.json has it. */
export function findingEntry(catalog: Catalog, finding: Finding): FindingEntry {
  const { surface, columns, cause, ...rest } = finding;
  return {
    key: rest.key,
    attack: rest.attack,
    severity: rest.severity,
    surface: surfaceEntry(catalog, surface, columns),
    persona: rest.persona,
    personas: rest.personas,
    relation: rest.relation,
    title: rest.title,
    expected: rest.expected,
    observed: rest.observed,
    sqlstate: rest.sqlstate,
    reachable: rest.reachable,
    door: rest.door,
    triedAt: rest.triedAt,
    reachedBecause: rest.reachedBecause,
    cause: cause.key,
    allowedBy: cause.text,
    source: cause.source,
    repair: rest.repair,
    witness: rest.witness,
    proof: rest.proof,
  };
}

/** Taken apart by the catalog, since a name may hold dots. */
export function surfaceEntry(catalog: Catalog, surface: Surface, columns: readonly string[]): SurfaceEntry {
  const base = { kind: surface.kind, verb: surface.verb, columns };
  const relation = catalog.relations.find(({ name }) => name === surface.name);
  if (relation) return { ...base, schema: relation.schema, name: relation.relname, signature: null };
  const routine = catalog.routines.find(({ name }) => name === surface.name);
  if (routine) {
    const signature = routine.arguments.map(({ type }) => type).join(', ');
    return { ...base, schema: routine.schema, name: routine.proname, signature };
  }
  const sequence = catalog.sequences.find(({ schema, name }) => `${schema}.${name}` === surface.name);
  return { ...base, schema: sequence?.schema ?? null, name: sequence?.name ?? surface.name, signature: null };
}

/** What a test or a report calls one attack on one surface. */
export function surfaceName({ attack, surface, state }: SurfaceResult): string {
  return `${surface.verb} ${surface.name}: nobody ${attack.title}${state === 'waived' ? ' (waived)' : ''}`;
}
