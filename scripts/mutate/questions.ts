/** Which T-tests are asked about which mutants, and what their answers say of the guards that they name. */

import { CannotRun } from '../../fixtures/model/errors.ts';
import type { Killer, Mutant, MutantResult } from '../../fixtures/model/mutant.ts';
import type { Watched, Watching } from './watched.ts';

/** A mutant and the tests that are asked about it. */
export interface Question {
  readonly mutant: Mutant;
  /** T-ids that are all run. */
  readonly all: readonly string[];
  /** Whether, where none of these fails, everything is run until a test fails: what has none of these ids, too. */
  readonly anyone: boolean;
  /** T-ids that are left for that, the likeliest first. */
  readonly others: readonly string[];
}

/** One line of the table: a test, and a guard that it names. */
export interface Watch extends Pick<Watching, 'happy' | 'reason'> {
  readonly test: string;
  readonly guard: string;
  /** Keys of the mutants on which the test must fail: those without the guard, or, where there are none, all that weaken it. */
  readonly owed: readonly string[];
}

/**
 * The lines of the table for the mutants that were tried.
 * @throws CannotRun for a guard of which no mutant applies: its line would say nothing.
 */
export function watchesOf(results: readonly MutantResult[], watched: Watched): readonly Watch[] {
  const byGuard = Map.groupBy(results, ({ guard }) => guard);
  return [...watched].flatMap(([test, { guards, happy, reason }]) =>
    guards.flatMap((guard) => {
      const tried = byGuard.get(guard);
      if (!tried) return [];
      const owed = owedOf(tried).map(({ key }) => key);
      if (owed.length > 0) return [{ test, guard, happy, reason, owed }];
      throw new CannotRun(
        `${test} names the guard \`${guard}\`, and the server refuses each of its mutants.`,
        'Name another guard in guards.yaml: nobody can see that this one is gone.',
      );
    }),
  );
}

/** What is equivalent changes no behaviour, but a test may look at the catalog: it is owed where there is nothing else. */
function owedOf(tried: readonly MutantResult[]): readonly MutantResult[] {
  const noticeable = tried.filter(({ state }) => state === 'killed' || state === 'survived');
  const candidates = noticeable.length > 0 ? noticeable : tried.filter(({ state }) => state === 'equivalent');
  const removing = candidates.filter(({ removes }) => removes);
  return removing.length > 0 ? removing : candidates;
}

/**
 * Each test is asked of the mutants that it owes, and with a test that names a happy one all others. What nobody has noticed is asked of every test: first of those that
 * name its guard, then of those that name one on its surface.
 */
export function questionsOf(
  mutants: readonly Mutant[],
  results: readonly MutantResult[],
  watched: Watched,
): readonly Question[] {
  const watches = watchesOf(results, watched);
  const survivors = new Set(results.filter(({ state }) => state === 'survived').map(({ key }) => key));
  const surfaces = new Map(results.map(({ guard, surface }) => [guard, surface]));
  return mutants.flatMap((mutant): readonly Question[] => {
    const owing = watches.filter(({ owed }) => owed.includes(mutant.key));
    const whole = owing.some(({ happy }) => happy !== null);
    const all = [...new Set([...idsOf(owing), ...(whole ? watched.keys() : [])])];
    if (!survivors.has(mutant.key)) return all.length === 0 ? [] : [{ mutant, all, anyone: false, others: [] }];
    const naming = idsOf(watches.filter(({ guard }) => guard === mutant.guard));
    const beside = idsOf(watches.filter(({ guard }) => surfaces.get(guard) === mutant.surface));
    const others = new Set([...naming, ...beside, ...watched.keys()]);
    return [{ mutant, all, anyone: true, others: [...others].filter((id) => !all.includes(id)) }];
  });
}

/** A test was noticed to fail on a mutant that nothing else noticed: it is what kills it. */
export function withTests(
  results: readonly MutantResult[],
  failed: ReadonlyMap<string, readonly string[]>,
): readonly MutantResult[] {
  return results.map((result) => {
    const tests = failed.get(result.key);
    if (tests === undefined) return result;
    const [first] = tests;
    if (first === undefined || result.state !== 'survived') return { ...result, tests };
    const killer: Killer = { judge: first, surface: result.surface, persona: null, said: `${first} fails`, sql: null };
    return { ...result, tests, state: 'killed', killer, reason: '' };
  });
}

function idsOf(watches: readonly Watch[]): readonly string[] {
  return [...new Set(watches.map(({ test }) => test))];
}
