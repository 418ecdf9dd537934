/** Mutants of a project that nobody has judged yet: no rows are made, and no attack is tried. */

import type { Lab } from '../../fixtures/lab/lab.ts';
import { isMutant, type Mutant, type MutantResult, type MutationOperator } from '../../fixtures/model/mutant.ts';
import type { Staging } from '../../fixtures/model/project.ts';
import { readGround } from '../../fixtures/mutate/ground.ts';
import type { MutateOptions, Mutation } from '../../fixtures/mutate/mutate.ts';

export interface UnjudgedOptions extends Omit<Staging, 'to'> {
  readonly project: string;
  readonly operators: readonly MutationOperator[];
  readonly only: (mutant: Mutant) => boolean;
  readonly settle: NonNullable<MutateOptions['settle']>;
}

/** All of them are settled as if nobody had noticed. @throws CannotRun when the project does not migrate */
export async function unjudged(lab: Lab, { operators, only, settle, ...spec }: UnjudgedOptions): Promise<Mutation> {
  await using database = await lab.clone(spec);
  const { template, catalog, owner } = database;
  const { project, migrations, clientRoles } = template;
  const ground = await readGround(owner, catalog, { platform: project.platform, clientRoles, setting: null });
  const mutants = operators.flatMap((operator) => [...operator.mutants(ground)].filter(isMutant)).filter(only);
  const start = performance.now();
  const results = await settle(mutants, mutants.map(unnoticed));
  const milliseconds = { ...template.milliseconds, tests: performance.now() - start };
  return { project, migrations, catalog, mutants, results, skipped: [], noisy: [], probes: 0, milliseconds };
}

function unnoticed({ key, operator, guard, surface, removes, was, is, sql }: Mutant): MutantResult {
  const fate = {
    state: 'survived',
    killer: null,
    tried: 0,
    reason: 'No T-test of those that name its guard fails.',
  } as const;
  return { key, operator, guard, surface, removes, was, is, sql, ...fate };
}
