/** Holds the registry of the platform core against the database, the requirements and the guards of the tests. */

import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { requirementLines } from '../../../reports/names.ts';
import { project, type Scene } from './scene.ts';

type Cell =
  | { readonly none: string }
  | {
      readonly threat: string;
      readonly asset: string;
      readonly control: string;
      readonly test: string;
      readonly invariant: string;
    };
type Words = Readonly<Record<string, unknown>>;

export interface Registry {
  readonly checksum: { readonly algorithm: string; readonly value: string };
  readonly enums: Readonly<Record<string, readonly string[]>>;
  readonly constants: Readonly<Record<string, { readonly value: number; readonly used_in: readonly string[] }>>;
  readonly rate_limits_per_minute: Readonly<Record<string, number>>;
  readonly settings: Readonly<Record<string, number>>;
  readonly rpcs: readonly { readonly name: string; readonly role: string }[];
  readonly reply_codes: readonly string[];
  readonly guards: readonly { readonly function: string; readonly family: string }[];
  readonly conditions: readonly { readonly id: string; readonly function: string }[];
  readonly controls: Words;
  readonly invariants: Words;
  readonly tests: Readonly<Record<string, { readonly guard: string }>>;
  readonly threats: Readonly<Record<'stride' | 'linddun', Readonly<Record<string, Readonly<Record<string, Cell>>>>>>;
}

/** What the registry is held against. */
export interface Facts {
  readonly hash: string;
  /** Strings of each CHECK of the shape `column IN (…)`, by constraint. */
  readonly enums: Readonly<Record<string, readonly string[]>>;
  /** Definitions of routines and constraints, by name. */
  readonly definitions: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, number>>;
  /** Name, role and comment of each routine of the API. */
  readonly rpcs: readonly { readonly name: string; readonly role: string; readonly comment: string | null }[];
  readonly tables: readonly string[];
  /** Guards that some trigger calls. */
  readonly triggered: readonly string[];
  readonly requirements: readonly string[];
  /** Of guards.yaml. */
  readonly watched: Readonly<Record<string, { readonly guards: readonly string[] }>>;
}

const folder = new URL('.', import.meta.url);

/** Text of the registry, of the requirements and of the guards of the tests. */
export async function readPapers() {
  const [registry, requirements, guards] = await Promise.all([
    readFile(`${project}/registry.json`, 'utf8'),
    readFile(`${project}/requirements.md`, 'utf8'),
    readFile(new URL('guards.yaml', folder), 'utf8'),
  ]);
  return { registry: JSON.parse(registry) as Registry, requirements, guards };
}

/** Everything that the database and the papers say. */
export async function readFacts(
  scene: Scene,
  registry: Registry,
  requirements: string,
  guards: string,
): Promise<Facts> {
  const { checksum: _, ...signed } = registry;
  const { rows } = await scene.owner.query(FACTS, [JSON.stringify(signed)]);
  const found = rows[0] as Omit<Facts, 'requirements' | 'watched' | 'enums'>;
  const checks = Object.entries(found.definitions).flatMap(([name, said]): [string, readonly string[]][] => {
    const [, list = null] = /^CHECK \(\(\w+ = ANY \(ARRAY\[([^\]]*)\]\)\)\)$/.exec(said) ?? [];
    return list === null ? [] : [[name, [...list.matchAll(/'([^']*)'/g)].map(([, word = '']) => word)]];
  });
  const { tests } = parse(guards) as { readonly tests: Facts['watched'] };
  return { ...found, enums: Object.fromEntries(checks), requirements: requirementLines(requirements), watched: tests };
}

const FACTS = `
  SELECT core.hash_of($1::jsonb) AS hash,
    (SELECT jsonb_object_agg(name, said) FROM (
      SELECT n.nspname || '.' || p.proname AS name, pg_get_functiondef(p.oid) AS said
      FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
      WHERE n.nspname = 'core' OR (n.nspname = 'public' AND p.proname LIKE 'core\\_%')
      UNION ALL
      SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
      WHERE contype = 'c' AND conparentid = 0 AND conrelid::regclass::text ~ '^core_'
    ) AS d) AS definitions,
    (SELECT jsonb_object_agg(name, value) FROM core.settings) AS settings,
    (SELECT jsonb_agg(jsonb_build_object('name', p.proname, 'role', r.rolname, 'comment', obj_description(p.oid, 'pg_proc')))
      FROM pg_proc AS p JOIN pg_roles AS r ON r.rolname IN ('anon', 'authenticated', 'service_role')
      WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'core\\_%' AND has_function_privilege(r.oid, p.oid, 'EXECUTE')) AS rpcs,
    (SELECT jsonb_agg(relname) FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname LIKE 'core\\_%') AS tables,
    (SELECT jsonb_agg(DISTINCT 'core.' || p.proname) FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
      WHERE p.pronamespace = 'core'::regnamespace AND t.tgenabled <> 'D') AS triggered`;

/** One sentence a disagreement; none: everything is in sync. */
export function disagreements(registry: Registry, facts: Facts): readonly string[] {
  return [
    ...differs('checksum', [registry.checksum.value], [facts.hash]),
    ...differs('enums', entriesOf(registry.enums), entriesOf(facts.enums)),
    ...differs(
      'settings',
      entriesOf({ ...registry.rate_limits_per_minute, ...registry.settings }),
      entriesOf(facts.settings),
    ),
    ...differs('rpcs', registry.rpcs.map(callable), facts.rpcs.map(callable)),
    ...facts.rpcs.flatMap(({ name, comment }) => (comment ? [] : [`${name} has no comment`])),
    ...unusedConstants(registry, facts),
    ...differs(
      'guards',
      registry.guards.map((guard) => guard.function),
      facts.triggered,
    ),
    ...differs(
      'conditions',
      registry.conditions.map(({ id, function: of }) => `${id} ${bare(of)}`),
      marksIn(facts),
    ),
    ...differs('reply codes', registry.reply_codes, codesIn(facts, registry.reply_codes)),
    ...differs('requirements', Object.keys(registry.tests), facts.requirements),
    ...differs('guards of the tests', Object.keys(registry.tests), Object.keys(facts.watched)),
    ...otherGuards(registry, facts),
    ...uncovered(
      'stride',
      registry,
      facts.rpcs.map(({ name }) => name),
      ['S', 'T', 'R', 'I', 'D', 'E'],
    ),
    ...uncovered('linddun', registry, facts.tables, ['L', 'I', 'N', 'D', 'Di', 'U', 'Nc']),
    ...unusedWords(registry),
  ];
}

function differs(what: string, said: readonly string[], found: readonly string[]): readonly string[] {
  const [a, b] = [new Set(said), new Set(found)];
  return [
    ...[...a].filter((one) => !b.has(one)).map((one) => `${what}: ${one} is in the registry alone`),
    ...[...b].filter((one) => !a.has(one)).map((one) => `${what}: ${one} is not in the registry`),
  ];
}

const entriesOf = (words: Words) => Object.entries(words).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
const callable = ({ name, role }: { readonly name: string; readonly role: string }) => `${name} by ${role}`;
const bare = (signature: string) => signature.replace(/\(.*$/, '');

function unusedConstants({ constants }: Registry, { definitions }: Facts): readonly string[] {
  return Object.entries(constants).flatMap(([name, { value, used_in }]) =>
    used_in
      .filter((place) => !new RegExp(`\\b${value}(?:\\b|ms)`).test(definitions[place] ?? ''))
      .map((place) => `constant ${name}: ${place} does not hold ${value}`),
  );
}

function marksIn({ definitions }: Facts): readonly string[] {
  return Object.entries(definitions).flatMap(([name, said]) =>
    [...said.matchAll(/^\s*-- guard: (\S+)$/gm)].map(([, id]) => `${id} ${name}`),
  );
}

/** Codes that are given somewhere, and those of the registry that stand in some text. */
function codesIn({ definitions }: Facts, said: readonly string[]): readonly string[] {
  const text = Object.values(definitions).join('\n');
  const given = [...text.matchAll(/core\.(?:refused|done)\(\s*'([a-z_]+)'/g)].map(([, code = '']) => code);
  return [
    ...given.filter((code) => !code.endsWith('_')),
    ...said.filter((code) => text.includes(`'${code}'`) || composed(text, code)),
  ];
}

/** `invite_revoked` is put together from a status. */
function composed(text: string, code: string): boolean {
  return (
    code.startsWith('invite_') && text.includes("'invite_' ||") && text.includes(`'${code.slice('invite_'.length)}'`)
  );
}

function otherGuards({ tests }: Registry, { watched }: Facts): readonly string[] {
  return Object.entries(tests).flatMap(([id, { guard }]) => {
    const named = watched[id]?.guards ?? [];
    return named.includes(guard) ? [] : [`${id} watches ${named.join()}, in the registry ${guard}`];
  });
}

function uncovered(
  side: 'stride' | 'linddun',
  registry: Registry,
  names: readonly string[],
  letters: readonly string[],
): readonly string[] {
  const known = { control: registry.controls, test: registry.tests, invariant: registry.invariants };
  return names.flatMap((name) =>
    letters.flatMap((letter) => {
      const cell = registry.threats[side][name]?.[letter];
      if (!cell) return [`${side}: ${name} says nothing of ${letter}`];
      if ('none' in cell) return cell.none.trim() === '' ? [`${side}: ${name} has no reason at ${letter}`] : [];
      const strange = (['control', 'test', 'invariant'] as const).filter((word) => !(cell[word] in known[word]));
      return strange.map((word) => `${side}: ${name} names the unknown ${word} ${cell[word]} at ${letter}`);
    }),
  );
}

/** Every control, invariant and test answers some threat. */
function unusedWords({ threats, controls, invariants, tests }: Registry): readonly string[] {
  const cells = Object.values(threats).flatMap((side) => Object.values(side).flatMap((row) => Object.values(row)));
  const used = new Set(
    cells.flatMap((cell) =>
      'none' in cell ? [] : [`control ${cell.control}`, `test ${cell.test}`, `invariant ${cell.invariant}`],
    ),
  );
  const all = [
    ...Object.keys(controls).map((name) => `control ${name}`),
    ...Object.keys(invariants).map((name) => `invariant ${name}`),
    ...Object.keys(tests).map((name) => `test ${name}`),
  ];
  return all.filter((word) => !used.has(word)).map((word) => `no threat names ${word}`);
}
