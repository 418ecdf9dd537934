/** The registry of the platform core, and what the database, the requirements and the tests say of the same things. */

import { readdir, readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { requirementLines } from '../../../reports/names.ts';
import { type Pair, repliesOf } from './replies.ts';
import { project, type Scene } from './scene.ts';

/** A threat with its answer, or why there is none. */
export type Cell =
  | { readonly none: string }
  | {
      readonly threat: string;
      readonly asset: string;
      readonly control: string;
      readonly test: string;
      readonly invariant: string;
    };
export type Words = Readonly<Record<string, unknown>>;

interface Rpc {
  readonly name: string;
  readonly role: string;
  readonly arguments: string;
  readonly done: readonly string[];
  readonly refused: readonly string[];
  /** Of refusals that it shares with others. */
  readonly families: readonly string[];
  /** Replies that stand in what it calls and cannot come about, each with the reason. */
  readonly unreachable?: Readonly<Record<string, string>>;
}

interface Family {
  /** The routine that gives exactly these; null: they are given in several places. */
  readonly given_by: string | null;
  readonly refused: readonly string[];
}

export interface Registry {
  readonly checksum: { readonly algorithm: string; readonly value: string };
  readonly enums: Readonly<Record<string, readonly string[]>>;
  /** Each with how often routines and constraints say it, comments aside. */
  readonly constants: Readonly<
    Record<string, { readonly value: number; readonly used_in: Readonly<Record<string, number>> }>
  >;
  readonly rate_limits_per_minute: Readonly<Record<string, number>>;
  readonly settings: Readonly<Record<string, number>>;
  readonly rpcs: readonly Rpc[];
  readonly families: Readonly<Record<string, Family>>;
  /** Each with its triggers, and for each the test that watches it: a T-id, or the name of the test. */
  readonly guards: readonly {
    readonly function: string;
    readonly family: string;
    readonly triggers: Readonly<Record<string, string>>;
  }[];
  readonly conditions: readonly { readonly id: string; readonly function: string; readonly test: string }[];
  readonly controls: Words;
  readonly invariants: Words;
  readonly tests: Readonly<Record<string, { readonly guard: string }>>;
  readonly threats: Readonly<Record<'stride' | 'linddun', Readonly<Record<string, Readonly<Record<string, Cell>>>>>>;
}

/** What stands beside the database: the registry, and texts of the requirements, of the guards of the tests, of the tests. */
export interface Papers {
  readonly registry: Registry;
  readonly requirements: string;
  readonly guards: string;
  readonly tests: readonly string[];
}

/** What the registry is held against. */
export interface Facts {
  /** Strings of each CHECK of the shape `column IN (…)`, by constraint. */
  readonly enums: Readonly<Record<string, readonly string[]>>;
  /** Definitions of routines and constraints, by name. */
  readonly definitions: Readonly<Record<string, string>>;
  /** What each routine can come to, by name. */
  readonly replies: ReadonlyMap<string, ReadonlySet<Pair>>;
  readonly settings: Readonly<Record<string, number>>;
  /** Each routine of the API once for each role that may call it. */
  readonly rpcs: readonly {
    readonly name: string;
    readonly role: string;
    readonly arguments: string;
    readonly comment: string | null;
  }[];
  readonly tables: readonly string[];
  /** Triggers that fire, with the function that each calls. */
  readonly triggers: readonly { readonly name: string; readonly table: string; readonly function: string }[];
  readonly requirements: readonly string[];
  /** Of guards.yaml. */
  readonly watched: Readonly<Record<string, { readonly guards: readonly string[] }>>;
}

const folder = new URL('.', import.meta.url);

export async function readPapers(): Promise<Papers> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.test.ts'));
  const [registry, requirements, guards, ...tests] = await Promise.all([
    readFile(`${project}/registry.json`, 'utf8'),
    readFile(`${project}/requirements.md`, 'utf8'),
    ...['guards.yaml', ...files].map((file) => readFile(new URL(file, folder), 'utf8')),
  ]);
  return { registry: JSON.parse(registry) as Registry, requirements, guards: guards ?? '', tests };
}

/** Everything that the database and the papers say. */
export async function readFacts(scene: Scene, papers: Papers): Promise<Facts> {
  const { rows } = await scene.owner.query(FACTS);
  const found = rows[0] as Omit<Facts, 'requirements' | 'watched' | 'enums' | 'replies'>;
  const checks = Object.entries(found.definitions).flatMap(([name, said]): [string, readonly string[]][] => {
    const [, list = null] = /^CHECK \(\(\w+ = ANY \(ARRAY\[([^\]]*)\]\)\)\)$/.exec(said) ?? [];
    return list === null ? [] : [[name, [...list.matchAll(/'([^']*)'/g)].map(([, word = '']) => word)]];
  });
  const routines = Object.entries(found.definitions).filter(([, said]) => said.includes('$function$'));
  const replies = repliesOf(Object.fromEntries(routines));
  return { ...found, enums: Object.fromEntries(checks), replies, ...saidBy(papers) };
}

/** What the papers beside the registry say. */
export function saidBy({ requirements, guards }: Papers): Pick<Facts, 'requirements' | 'watched'> {
  const { tests } = parse(guards) as { readonly tests: Facts['watched'] };
  return { requirements: requirementLines(requirements), watched: tests };
}

const FACTS = `
  SELECT (SELECT jsonb_object_agg(name, said) FROM (
      SELECT n.nspname || '.' || p.proname AS name, pg_get_functiondef(p.oid) AS said
      FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
      WHERE n.nspname = 'core' OR (n.nspname = 'public' AND p.proname LIKE 'core\\_%')
      UNION ALL
      SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
      WHERE contype = 'c' AND conparentid = 0 AND conrelid::regclass::text ~ '^core_'
    ) AS d) AS definitions,
    (SELECT jsonb_object_agg(name, value) FROM core.settings) AS settings,
    (SELECT jsonb_agg(jsonb_build_object('name', p.proname, 'role', r.rolname, 'arguments', pg_get_function_arguments(p.oid),
        'comment', obj_description(p.oid, 'pg_proc')))
      FROM pg_proc AS p JOIN pg_roles AS r ON r.rolname IN ('anon', 'authenticated', 'service_role')
      WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'core\\_%' AND has_function_privilege(r.oid, p.oid, 'EXECUTE')) AS rpcs,
    (SELECT jsonb_agg(relname) FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname LIKE 'core\\_%') AS tables,
    (SELECT jsonb_agg(jsonb_build_object('name', t.tgname, 'table', c.relname, 'function', 'core.' || p.proname))
      FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_class AS c ON c.oid = t.tgrelid
      WHERE p.pronamespace = 'core'::regnamespace AND t.tgenabled <> 'D' AND t.tgparentid = 0) AS triggers`;

/** What one side says and the other does not. */
export function differs(what: string, said: readonly string[], found: readonly string[]): readonly string[] {
  const [a, b] = [new Set(said), new Set(found)];
  return [
    ...[...a].filter((one) => !b.has(one)).map((one) => `${what}: ${one} is in the registry alone`),
    ...[...b].filter((one) => !a.has(one)).map((one) => `${what}: ${one} is not in the registry`),
  ];
}
