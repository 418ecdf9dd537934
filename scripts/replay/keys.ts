/** Finds the finding that a person means. */

import { CannotRun } from '../../fixtures/model/errors.ts';
import type { FindingEntry } from '../../reports/findings.ts';

const MOST_NAMED = 5;

/** By its whole key, or by a beginning that only it has. @throws CannotRun that names near ones */
export function keysLike(findings: readonly FindingEntry[], wanted: string): FindingEntry {
  const exact = findings.find(({ key }) => key === wanted);
  if (exact) return exact;
  const [only, ...others] = findings.filter(({ key }) => key.startsWith(wanted));
  if (only && others.length === 0) return only;
  if (only) {
    throw new CannotRun(
      `${others.length + 1} findings begin with \`${wanted}\`.`,
      `Say which: ${[only, ...others]
        .slice(0, MOST_NAMED)
        .map(({ key }) => key)
        .join(', ')}.`,
    );
  }
  if (findings.length === 0)
    throw new CannotRun(`There is no finding \`${wanted}\`; the check found none.`, 'Run the check again.');
  const near = findings.map(({ key }) => key).toSorted((one, other) => distance(one, wanted) - distance(other, wanted));
  throw new CannotRun(`There is no finding \`${wanted}\`.`, `Near it: ${near.slice(0, MOST_NAMED).join(', ')}.`);
}

/** How many pairs of neighbouring letters the texts do not share. */
function distance(one: string, other: string): number {
  const pairs = (text: string) =>
    new Set(Array.from(text.toLowerCase(), (_, at) => text.toLowerCase().slice(at, at + 2)));
  return pairs(one).symmetricDifference(pairs(other)).size;
}
