/** Compares the lines of a `requirements.md` with the tests that claim to prove them. */

import { requirementIds, requirementLines } from '../../reports/names.ts';

export interface Gaps {
  /** Lines that no test's name starts with. */
  readonly untested: readonly string[];
  /** Ids in test names that have no line. */
  readonly unwritten: readonly string[];
  /** Ids that stand before more than one line. */
  readonly repeated: readonly string[];
}

/**
 * @param requirements text of a `requirements.md`: a list, each item beginning with an id such as `T-MSG-03`
 * @param tests texts of the test files; a name is a string that begins with an id
 */
export function findGaps(requirements: string, tests: readonly string[]): Gaps {
  const lines = requirementLines(requirements);
  const names = tests.map(withoutComments).flatMap(namesIn).flatMap(requirementIds);
  return {
    untested: unique(lines.filter((id) => !names.includes(id))),
    unwritten: unique(names.filter((id) => !lines.includes(id))),
    repeated: unique(lines.filter((id, index) => lines.indexOf(id) !== index)),
  };
}

/** A test that is commented out proves nothing. */
function withoutComments(text: string): string {
  return text.replace(/^\s*\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '');
}

/** Strings that begin with an id. */
function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/['"`](T-[A-Z0-9]+-[^'"`\n]*)/g)].map(idOf);
}

function idOf(match: RegExpExecArray): string {
  return match[1] ?? '';
}

function unique(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].toSorted();
}
