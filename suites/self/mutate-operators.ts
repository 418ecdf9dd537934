/**
 * What the test of a mutation operator states: one file in `mutate-cases`, named by the operator's id. It exports
 * `examples`: projects as SQL, each with exactly the mutants that the operator makes of it and what each changes in the catalog.
 *
 *     export const examples: readonly Example[] = [
 *       {
 *         sql: `${NOTES} ${OWN_NOTES}`,
 *         mutants: {
 *           'policy-using-true policy public.notes "own notes"': [
 *             'relations/public.notes/policies/own notes/using → true',
 *           ],
 *         },
 *       },
 *     ];
 *
 * Keys are keys of mutants; the lines are those of `difference`. `mutate-operators.test.ts` finds the files by their place,
 * runs all, and fails for an operator without one. It also applies each `noop`, which must change nothing at all.
 */

import { readdir } from 'node:fs/promises';
import { readCatalog } from '../../fixtures/introspect/catalog.ts';
import { clientRoles } from '../../fixtures/lab/client-roles.ts';
import { type Ground, isMutant, type Mutant, type MutationOperator } from '../../fixtures/model/mutant.ts';
import type { PlatformKind } from '../../fixtures/model/project.ts';
import { readGround } from '../../fixtures/mutate/ground.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import { difference } from './mutate-difference.ts';

export interface Example {
  /** Default: supabase. */
  readonly platform?: PlatformKind;
  /** Which setting names the caller on a plain project; default: none. */
  readonly setting?: string;
  /** The project. Roles that it makes are gone after the test, since all of it is one transaction. */
  readonly sql: string;
  /** Key → what it changes, in order. */
  readonly mutants: { readonly [key: string]: readonly string[] };
  /** `<surface>: <reason>`; default: none. */
  readonly skipped?: readonly string[];
}

/** What an operator made of an example. */
export interface Outcome {
  readonly mutants: { readonly [key: string]: readonly string[] };
  readonly skipped: readonly string[];
  /** Key of a mutant whose no-op changes something, and what; empty as it should be. */
  readonly noops: readonly (readonly string[])[];
  /** Keys that were given twice. */
  readonly twice: readonly string[];
}

const FOLDER = new URL('./mutate-cases/', import.meta.url);

/** Operators' ids for which there is a file of examples. */
export async function idsWithExamples(): Promise<readonly string[]> {
  return (await readdir(FOLDER)).map((file) => file.replace(/\.ts$/, '')).sort();
}

/** @throws Error for a file without examples. */
export async function loadExamples(id: string): Promise<readonly Example[]> {
  const { examples = [] }: { examples?: readonly Example[] } = await import(new URL(`${id}.ts`, FOLDER).href);
  if (examples.length === 0) throw new Error(`suites/self/mutate-cases/${id}.ts must export examples`);
  return examples;
}

/** Makes the project, and every mutant of it, in one transaction that is rolled back. */
export async function outcomeOf(admin: Session, operator: MutationOperator, example: Example): Promise<Outcome> {
  await admin.script(`BEGIN; ${example.sql}`);
  try {
    return await ofProject(admin, operator, example);
  } finally {
    await admin.script('ROLLBACK');
  }
}

async function ofProject(admin: Session, operator: MutationOperator, example: Example): Promise<Outcome> {
  const ground = await groundWithin(admin, example);
  const all = [...operator.mutants(ground)];
  const made = all.filter(isMutant);
  const mutants: Record<string, readonly string[]> = {};
  for (const { key, sql } of made) mutants[key] = await changedBy(admin, sql, example, ground);
  return {
    mutants,
    skipped: all.flatMap((one) => (isMutant(one) ? [] : [`${one.surface}: ${one.reason}`])),
    noops: await changedByNoops(admin, made, example, ground),
    twice: made.map(({ key }) => key).filter((key, at, keys) => keys.indexOf(key) !== at),
  };
}

/** How a project is read. */
export type Reading = Pick<Example, 'platform' | 'setting'>;

/**
 * What the statements change in the catalog; the server's refusal where it refuses them. To be called within a
 * transaction, which is afterwards as it was.
 */
export async function changedBy(
  admin: Session,
  sql: readonly string[],
  reading: Reading,
  before: Ground,
): Promise<readonly string[]> {
  return await undone(admin, async () => {
    const { error } = await admin.observe(sql.join(';\n'));
    if (error) return [`refused: ${error.message}`];
    return difference(before, await groundOf(admin, reading));
  });
}

/**
 * Mutants whose no-op changes something: key, and what. All are tried at once, since reading a catalog takes its time, and
 * only where that changes something one half after the other.
 */
export async function changedByNoops(
  admin: Session,
  mutants: readonly Mutant[],
  reading: Reading,
  before: Ground,
): Promise<readonly (readonly string[])[]> {
  const [only, ...more] = mutants;
  if (only === undefined) return [];
  const noops = [...new Set(mutants.map(({ noop }) => noop.join(';\n')))];
  const lines = await changedBy(admin, noops, reading, before);
  if (lines.length === 0) return [];
  if (more.length === 0) return [[only.key, ...lines]];
  const half = Math.ceil(mutants.length / 2);
  const first = await changedByNoops(admin, mutants.slice(0, half), reading, before);
  const found = [...first, ...(await changedByNoops(admin, mutants.slice(half), reading, before))];
  return found.length > 0 ? found : [['only together', ...lines]];
}

/** Reads a project within a transaction. Reading empties the search_path until it ends, so that is undone. */
export async function groundWithin(admin: Session, reading: Reading): Promise<Ground> {
  return await undone(admin, () => groundOf(admin, reading));
}

async function undone<Result>(admin: Session, work: () => Promise<Result>): Promise<Result> {
  await admin.script('SAVEPOINT before');
  try {
    return await work();
  } finally {
    await admin.script('ROLLBACK TO before; RELEASE before');
  }
}

async function groundOf(admin: Session, { platform = 'supabase', setting }: Reading): Promise<Ground> {
  const catalog = await readCatalog(admin);
  return await readGround(admin, catalog, {
    platform,
    clientRoles: clientRoles(catalog, platform),
    setting: setting ?? null,
  });
}
