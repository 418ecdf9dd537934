/** What is passed over is tried now and then, in places that the seed draws. */

import { describe, expect, test } from 'vitest';
import { isDrawn } from '../../fixtures/engine/sampling.ts';

const names = Array.from({ length: 4000 }, (_, at) => `public.table_${at} anon update`);

describe('isDrawn', () => {
  test('draws about one name in so many', () => {
    const drawn = names.filter((name) => isDrawn(1, name, 16)).length;
    expect(drawn).toBeGreaterThan(180);
    expect(drawn).toBeLessThan(320);
  });

  test('draws the same names for a seed, and others for another', () => {
    const of = (seed: number) => names.filter((name) => isDrawn(seed, name, 16));
    expect(of(1)).toEqual(of(1));
    expect(of(2)).not.toEqual(of(1));
  });
});
