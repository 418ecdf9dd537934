/** What a seed decides in a scenario. */

import { createHash } from 'node:crypto';

/** A number from 0 up to `below`, the same for the same words. */
export function drawn(below: number, ...words: readonly (string | number)[]): number {
  return createHash('sha256').update(words.join(' ')).digest().readUInt32BE() % below;
}

/** The same elements in an order that the words decide. */
export function shuffled<T>(list: readonly T[], ...words: readonly (string | number)[]): readonly T[] {
  const placed = list.map((one, at) => ({ one, rank: drawn(2 ** 32, ...words, at) }));
  return placed.toSorted((a, b) => a.rank - b.rank).map(({ one }) => one);
}
