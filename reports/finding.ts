/** A finding as text: what should be, what is, and the SQL that shows it. */

import type { Finding } from '../fixtures/model/verdict.ts';

/** Title, expected and observed, the key, then the witness, ready for psql. */
export function findingText(finding: Finding): string {
  return [summaryText(finding), '', 'Witness (psql):', finding.witness.trimEnd()].join('\n');
}

function summaryText(finding: Finding): string {
  const sqlstate = finding.sqlstate === null ? [] : [`SQLSTATE:  ${finding.sqlstate}`];
  return [
    `${finding.severity.toUpperCase()}: ${finding.title}`,
    `Surface:   ${finding.surface.name} ${finding.surface.verb}`,
    `Personas:  ${[...new Set([finding.persona, ...finding.personas])].join(', ')}`,
    `Expected:  ${finding.expected}`,
    `Observed:  ${finding.observed}`,
    ...sqlstate,
    ...(finding.reachedBecause === null ? [] : [`Reach:     ${reachText(finding)}`]),
    ...(finding.door === null ? [] : [`Door:      ${doorNote(finding.door)}`]),
    `Key:       ${finding.key}`,
  ].join('\n');
}

/** `over HTTP (gateway): a request shows the same` */
export function reachText({
  reachable,
  triedAt,
  reachedBecause,
}: Pick<Finding, 'reachable' | 'triedAt' | 'reachedBecause'>): string {
  const where = { http: 'over HTTP', database_only: 'database only', untested: 'not tried' }[reachable];
  return `${where}${triedAt === null ? '' : ` (${triedAt})`}${reachedBecause === null ? '' : `: ${reachedBecause}`}`;
}

/** What a door's word is worth. */
export function doorNote(door: NonNullable<Finding['door']>): string {
  return door === 'postgrest'
    ? 'postgrest'
    : 'gateway alone: it fails nothing until PostgREST shows it (ROWPROOF_DOOR=postgrest)';
}

/** An error to fail a test with: it explains itself, so that reporters show no stack; the witness is left to JUnit. */
export function findingError(finding: Finding): Error {
  const text = `${summaryText(finding)}\nWitness:   its SQL for psql is in the JUnit report`;
  return Object.assign(new Error(text), { name: 'Finding' });
}
