/** A failing schedule is made as short as it can be, in few tries, and its path brings it back. */

import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { networkFaults } from '../../chaos/faults/network.ts';
import { serverFaults } from '../../chaos/faults/server.ts';
import type { Blow, Step } from '../../chaos/schedule.ts';
import { steps } from '../../chaos/schedule-draw.ts';

const letters = steps(fc.constantFrom('a', 'b', 'c'), 24);

/** Commands in order, without what strikes them. */
function said(drawn: readonly Step<string>[]): readonly string[] {
  return drawn.flatMap((step) =>
    step.do === 'call' ? [step.command] : step.do === 'both' ? [step.one.command, step.two.command] : [],
  );
}

const fails = (drawn: readonly Step<string>[]) => {
  const all = said(drawn).join('');
  return !/a.*b.*a/.test(all);
};

describe('a schedule', () => {
  test('is left with the steps that it needs, without a strike, within a hundred tries', () => {
    let tried = 0;
    const property = fc.property(letters, (drawn) => {
      tried += 1;
      return fails(drawn);
    });
    const found = fc.check(property, { seed: inject('seed'), numRuns: 1000, unbiased: true });
    const [shortest = []] = found.counterexample ?? [];
    expect(said(shortest)).toEqual(['a', 'b', 'a']);
    expect(JSON.stringify(shortest)).not.toMatch(/"strike":\{/);
    expect(tried - found.numRuns).toBeLessThan(100);
    const at = { seed: found.seed, path: found.counterexamplePath ?? '', unbiased: true };
    const again = fc.check(fc.property(letters, fails), at);
    expect(again.counterexample).toEqual(found.counterexample);
    expect(again.numShrinks).toBe(0);
  });

  test('of a strike that is needed keeps it as it was drawn', () => {
    const needsDown = (drawn: readonly Step<string>[]) =>
      !drawn.some(
        (step) =>
          step.do === 'call' && step.strike && 'fault' in step.strike.blow && step.strike.blow.fault.id === 'down',
      );
    const found = fc.check(fc.property(letters, needsDown), { seed: inject('seed'), numRuns: 5000, unbiased: true });
    expect(found.counterexample).toMatchObject([[{ do: 'call', strike: { blow: { fault: { id: 'down' } } } }]]);
  });

  test('strikes with every fault of the network, and every one of the server that a client alone feels', () => {
    const drawn = fc.sample(letters, { seed: inject('seed'), numRuns: 1000 }).flat();
    const ids = drawn.flatMap((step) => {
      if (step.do === 'strike') return [step.fault.id];
      return step.do === 'call' && step.strike !== null ? [idOf(step.strike.blow)] : [];
    });
    const all = [...networkFaults, ...serverFaults.filter(({ strikes }) => strikes === 'client')];
    expect(new Set(ids)).toEqual(new Set(all.map(({ id }) => id)));
  });
});

function idOf(blow: Blow): string {
  if ('backend' in blow) return blow.backend;
  return 'held' in blow ? blow.held.id : blow.fault.id;
}
