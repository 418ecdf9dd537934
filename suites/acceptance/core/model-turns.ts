/** What is drawn for a run: a scene, then commands one after the other, pairs of them at once, and what happens besides. */

import fc from 'fast-check';
import { again, operational, reads, social } from './model-draw.ts';
import { episodes, openings } from './model-openings.ts';
import type { Drawn } from './model-resolve.ts';
import { one, place, some } from './model-values.ts';

/** One thing after the other, or two at once. */
export type Turn = Drawn | { readonly do: 'pair'; readonly one: Drawn; readonly two: Drawn | 'twin' };

const happening: fc.Arbitrary<Drawn> = some<Drawn>(
  [4, { do: 'hourPasses' as const }],
  [2, { do: 'invitesRunOut' as const }],
  [1, { do: 'yearsPass' as const }],
  [4, fc.record({ do: fc.constant('daysPass' as const), scope: place, days: one(8, 29, 175, 190, 375) })],
  [1, fc.record({ do: fc.constant('crowdComes' as const), scope: place, size: one(49_998, 49_999, 50_000) })],
);
/** Two at once: on the same scope as a rule, and now and then the same command twice. */
const pair: fc.Arbitrary<Turn> = fc
  .tuple(
    some<Drawn>([5, social], [2, operational], [1, reads]),
    some<Drawn>([4, social], [2, operational], [1, again]),
    place,
    one(true, true, true, false),
    one(true, false, false),
  )
  .map(([left, right, where, shared, twin]) => {
    const here = (drawn: Drawn): Drawn =>
      shared && 'scope' in drawn && drawn.scope !== null ? ({ ...drawn, scope: where } as Drawn) : drawn;
    return { do: 'pair' as const, one: here(left), two: twin ? 'twin' : here(right) };
  });

/** A scene, and up to `most` turns one after the other. */
export function turns(most: number): fc.Arbitrary<readonly Turn[]> {
  const turn = some<Turn>([50, social], [22, operational], [14, reads], [9, again], [8, happening], [16, pair]);
  const one = turn.map((drawn): readonly Turn[] => [drawn]);
  const episode = fc.tuple(fc.constantFrom(...episodes), place).map(([drawn, where]) => drawn(where));
  const random = fc.array(some<readonly Turn[]>([12, one], [1, episode]), {
    minLength: 1,
    maxLength: most,
    size: 'max',
  });
  return fc.tuple(fc.constantFrom(...openings), random).map(([opening, rest]) => [...opening, ...rest.flat()]);
}
