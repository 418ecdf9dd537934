/** A sweep is finished when no pair is empty: what turns out to be impossible is replaced, or told. */

import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { gapsOf, placeName } from '../../chaos/gaps.ts';
import { type Cell, type CellResult, moments } from '../../chaos/model.ts';
import { faultsOf, restricted, type SweepPlan, sweepBy } from '../../chaos/swept.ts';
import { heldSweep, sweep } from './sample-chaos.ts';

const plan: SweepPlan = {
  ...{ system: 'shop', seed: inject('seed'), full: false, actless: [], moments },
  acts: ['INSERT public.notes', 'shop_pay(uuid)', 'shop_lock(uuid)'].map((name) => ({
    ...{ name, kind: 'rpc', repeats: 'once' },
  })),
  faults: ['noop', 'reset_peer:upstream', 'reset_peer:downstream'].map((id) => ({ id, says: id })),
  occurs: () => true,
};

const held = (cell: Cell): CellResult => ({
  ...cell,
  ...{ verdict: 'held', told: { state: 'answered' }, stored: 'once', retried: null, reasons: [], milliseconds: 1 },
});

describe('A sweep', () => {
  test('tries the cells that cover every pair, and nothing twice', async () => {
    const { cells, impossible } = await sweepBy(plan, async (some) => some.map(held));
    expect(new Set(cells.map(placeName)).size).toBe(cells.length);
    expect(cells).toHaveLength(3 * 5);
    expect(impossible).toEqual([]);
  });

  test('in full tries every cell', async () => {
    const { cells } = await sweepBy({ ...plan, full: true }, async (some) => some.map(held));
    expect(new Set(cells.map(placeName)).size).toBe(3 * 3 * 5);
  });

  test('leaves no pair empty, whatever turns out to be impossible, and says of each such cell why', async () => {
    const all = plan.acts.flatMap(({ name: act }) =>
      plan.faults.flatMap(({ id: fault }) => moments.map((moment) => placeName({ act, fault, moment }))),
    );
    const property = fc.asyncProperty(fc.subarray(all), fc.subarray(all), fc.boolean(), async (known, later, full) => {
      const occurs: SweepPlan['occurs'] = (act, fault, moment) =>
        !known.includes(placeName({ act, fault, moment })) || 'known beforehand';
      const result = await sweepBy({ ...plan, full, occurs }, async (some) =>
        some.map((cell) => (later.includes(placeName(cell)) ? { ...cell, because: 'seen later' } : held(cell))),
      );
      const told = [...result.cells, ...result.impossible].map(placeName);
      expect(new Set(told).size).toBe(told.length);
      for (const { because, ...cell } of result.impossible)
        expect(because).toBe(known.includes(placeName(cell)) ? 'known beforehand' : 'seen later');
      const bare = gapsOf(result).filter(({ fault }) => fault !== null);
      expect(bare).toEqual([]);
    });
    await fc.assert(property, { seed: inject('seed'), numRuns: 200 });
  });

  test('ends with what its cells throw', async () => {
    await expect(sweepBy(plan, () => Promise.reject(new Error('interrupted')))).rejects.toThrow('interrupted');
  });
});

describe('A part of a sweep', () => {
  const namesOf = (only: string) => {
    const { acts, faults, moments: some } = restricted(plan, only);
    return [acts.length, faults.length, some.length];
  };

  test.for([
    ['commit', [3, 3, 1]],
    ['reset_peer', [3, 2, 5]],
    ['reset_peer:upstream', [3, 1, 5]],
    ['shop_', [2, 3, 5]],
    ['shop_lock(uuid) × noop × between', [1, 1, 1]],
  ] as const)('is asked for by `%s`', ([only, sizes]) => {
    expect(namesOf(only)).toEqual(sizes);
  });

  test.for([
    ['commit', 3],
    ['shop_ × reset_peer', 2],
    ['noop × shop_', 1],
    [undefined, 3],
  ] as const)('names its faults without its acts: `%s`', ([only, count]) => {
    expect(faultsOf(plan, only).size).toBe(count);
  });

  test('is all where nothing is asked for, and nothing by no name', () => {
    expect(restricted(plan, undefined)).toBe(plan);
    expect(() => restricted(plan, 'shop × moon')).toThrow(
      expect.objectContaining({ name: 'CannotRun', message: 'No act, fault or moment is called `moon`.' }),
    );
  });
});

describe('A gap', () => {
  test('is a pair that is neither tried nor impossible, and nothing else', () => {
    expect(gapsOf(sweep)).toEqual([]);
    const [, ...cells] = sweep.cells;
    expect(gapsOf({ ...sweep, cells }).map(placeName)).toEqual(['any act × noop × connecting']);
    const impossible = sweep.impossible.slice(1);
    expect(gapsOf({ ...sweep, impossible }).map(placeName)).toEqual(['any act × terminated × connecting']);
  });

  test('is in full every cell', () => {
    expect(gapsOf({ ...heldSweep, full: true })).toHaveLength(8);
  });

  test('is an act of which nothing was tried, whatever cannot occur', () => {
    const idle = { name: 'idle()', kind: 'rpc', repeats: 'once' } as const;
    const impossible = sweep.faults.flatMap(({ id: fault }) =>
      moments.map((moment) => ({ act: 'idle()', system: 'core', fault, moment, because: 'never' })),
    );
    const acts = [...sweep.acts, idle];
    expect(gapsOf({ ...sweep, acts, impossible: [...sweep.impossible, ...impossible] }).map(placeName)).toEqual([
      'idle() × any fault',
    ]);
  });
});
