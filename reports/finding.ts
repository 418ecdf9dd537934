/** A finding as text: what should be, what is, and the SQL that shows it. */

import type { Finding } from '../fixtures/model/verdict.ts';

/** Title, expected and observed, the key, then the witness, ready for psql. */
export function findingText(finding: Finding): string {
  const sqlstate = finding.sqlstate === null ? [] : [`SQLSTATE:  ${finding.sqlstate}`];
  return [
    `${finding.severity.toUpperCase()}: ${finding.title}`,
    `Surface:   ${finding.surface.name} ${finding.surface.verb}`,
    `Personas:  ${[...new Set([finding.persona, ...finding.personas])].join(', ')}`,
    `Expected:  ${finding.expected}`,
    `Observed:  ${finding.observed}`,
    ...sqlstate,
    `Key:       ${finding.key}`,
    '',
    'Witness (psql):',
    finding.witness.trimEnd(),
  ].join('\n');
}

/** An error to fail a test with: it explains itself, so that reporters show no stack. */
export function findingError(finding: Finding): Error {
  return Object.assign(new Error(findingText(finding)), { name: 'Finding' });
}
