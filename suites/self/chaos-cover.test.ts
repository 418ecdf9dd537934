/** The choice of cells: complete, small, told by the seed, and nothing left out without a reason. */

import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { type Coverable, cover } from '../../chaos/cover.ts';
import { type Moment, moments } from '../../chaos/model.ts';

interface Case extends Coverable {
  readonly open: ReadonlySet<string>;
}

const nameOf = (...parts: readonly string[]) => parts.join(' ');

const cases: fc.Arbitrary<Case> = fc
  .record({
    acts: fc.uniqueArray(fc.stringMatching(/^a\d{1,3}$/), { maxLength: 12 }),
    faults: fc.uniqueArray(fc.stringMatching(/^f\d{1,3}$/), { maxLength: 6 }),
    moments: fc.subarray([...moments]),
    seed: fc.nat(),
    full: fc.boolean(),
  })
  .chain((sizes) => {
    const all = sizes.acts.flatMap((act) =>
      sizes.faults.flatMap((fault) => sizes.moments.map((moment) => nameOf(act, fault, moment))),
    );
    return fc.subarray(all).map((some) => {
      const open = new Set(some);
      const occurs = (act: string, fault: string, moment: Moment) =>
        open.has(nameOf(act, fault, moment)) || `no ${moment} of ${act}`;
      return { ...sizes, open, occurs };
    });
  });

/** Each of `all` has one of `some` in its place. */
const pairs = (some: Iterable<string>, ...at: readonly number[]) =>
  new Set([...some].map((cell) => nameOf(...at.map((one) => cell.split(' ')[one] ?? ''))));

const namesOf = (cells: ReturnType<typeof cover>['cells']) =>
  cells.map(({ act, fault, moment }) => nameOf(act, fault, moment));

const holds = (property: (one: Case) => void) =>
  fc.assert(fc.property(cases, property), { seed: inject('seed'), numRuns: 500 });

test('each act meets each fault, and each fault each moment, wherever that can occur', () => {
  holds((one) => {
    const chosen = namesOf(cover(one).cells);
    expect(pairs(chosen, 0, 1)).toEqual(pairs(one.open, 0, 1));
    expect(pairs(chosen, 1, 2)).toEqual(pairs(one.open, 1, 2));
  });
});

test('what cannot occur is not chosen, and is told with its reason', () => {
  holds((one) => {
    const { cells, impossible } = cover(one);
    for (const name of namesOf(cells)) expect(one.open).toContain(name);
    expect(impossible).toHaveLength(one.acts.length * one.faults.length * one.moments.length - one.open.size);
    for (const { act, fault, moment, because } of impossible) {
      expect(one.open).not.toContain(nameOf(act, fault, moment));
      expect(because).toBe(`no ${moment} of ${act}`);
    }
  });
});

test('no cell can be spared: without it one of its pairs would be empty', () => {
  holds((one) => {
    if (one.full) return;
    const chosen = namesOf(cover(one).cells);
    expect(new Set(chosen).size).toBe(chosen.length);
    for (const cell of chosen) {
      const rest = chosen.filter((other) => other !== cell);
      const spared = [...pairs([cell], 0, 1)].every((pair) => pairs(rest, 0, 1).has(pair));
      const also = [...pairs([cell], 1, 2)].every((pair) => pairs(rest, 1, 2).has(pair));
      expect(spared && also).toBe(false);
    }
  });
});

test('no choice is smaller: of a fault as many cells as acts and moments, less the pairs that can stand for both', () => {
  holds((one) => {
    if (one.full) return;
    const chosen = namesOf(cover(one).cells);
    for (const fault of one.faults) {
      const open = [...one.open].filter((cell) => cell.split(' ')[1] === fault);
      const fewest = pairs(open, 0).size + pairs(open, 2).size - mostApart(open, one.moments);
      expect(chosen.filter((cell) => cell.split(' ')[1] === fault)).toHaveLength(fewest);
    }
  });
});

/** How many moments can have an act of their own, by trying every way. */
function mostApart(open: readonly string[], [moment, ...rest]: readonly Moment[]): number {
  if (moment === undefined) return 0;
  const acts = open.filter((cell) => cell.endsWith(` ${moment}`)).map((cell) => cell.split(' ')[0] ?? '');
  const taken = acts.map(
    (act) =>
      1 +
      mostApart(
        open.filter((cell) => !cell.startsWith(`${act} `)),
        rest,
      ),
  );
  return Math.max(mostApart(open, rest), ...taken);
}

test('where there are as many acts as moments and everything can occur, each act meets each fault once', () => {
  const acts = ['a', 'b', 'c', 'd', 'e', 'f'];
  const faults = ['x', 'y', 'z'];
  const { cells } = cover({ acts, faults, moments, occurs: () => true, seed: inject('seed'), full: false });
  expect(cells).toHaveLength(acts.length * faults.length);
});

test('in full every cell is chosen that can occur', () => {
  holds((one) => {
    expect(new Set(namesOf(cover({ ...one, full: true }).cells))).toEqual(one.open);
  });
});

test('the order in which acts and faults are named changes no choice', () => {
  holds((one) => {
    const turned = { ...one, acts: one.acts.toReversed(), faults: one.faults.toReversed() };
    expect(new Set(namesOf(cover(turned).cells))).toEqual(new Set(namesOf(cover(one).cells)));
  });
});

test('another seed chooses other cells, the same seed the same', () => {
  const acts = Array.from({ length: 20 }, (_, at) => `act ${at}`);
  const chosen = (seed: number) =>
    JSON.stringify(cover({ acts, faults: ['x', 'y'], moments, occurs: () => true, seed, full: false }).cells);
  expect(chosen(1)).toBe(chosen(1));
  expect(new Set([1, 2, 3, 4, 5].map(chosen)).size).toBe(5);
});
