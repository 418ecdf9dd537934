/** Counts of a sweep: every place of the matrix has one, and what cannot occur its reason. */

import { expect, test } from 'vitest';
import { moments } from '../../chaos/model.ts';
import { actTallies, matrixOf } from '../../reports/chaos-tallies.ts';
import { heldSweep, sweep } from './sample-chaos.ts';

test('the matrix has every fault at every moment, over all systems', () => {
  const matrix = matrixOf([sweep, heldSweep]);
  expect(matrix.map(({ fault, moment }) => [fault, moment])).toEqual(
    ['noop', 'terminated'].flatMap((fault) => moments.map((moment) => [fault, moment])),
  );
  const counts = matrix.map(({ held, broken, unknown, impossible }) => [held, broken, unknown, impossible].join(' '));
  expect(counts).toEqual([
    ...['2 0 0 0', '2 0 0 0', '2 0 0 0', '2 0 0 0', '2 0 0 0'],
    ...['0 0 0 4', '0 0 0 4', '2 0 0 0', '1 0 1 0', '1 1 0 0'],
  ]);
});

test('a reason stands once, however many cells have it', () => {
  const [, , , , , first] = matrixOf([sweep]);
  expect(first?.because).toEqual(['there is no backend yet that could be terminated']);
});

test('each act has its counts, also where nothing of it was tried', () => {
  const idle = { name: 'core_idle_v1()', kind: 'rpc', repeats: 'once' } as const;
  expect(actTallies({ ...sweep, acts: [...sweep.acts, idle] })).toMatchObject([
    { name: 'core_write_v1(uuid)', held: 4, broken: 1, unknown: 0, impossible: 2 },
    { name: 'INSERT public.notes', held: 2, broken: 0, unknown: 1, impossible: 2 },
    { name: 'core_idle_v1()', held: 0, broken: 0, unknown: 0, impossible: 0 },
  ]);
});
