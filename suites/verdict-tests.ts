/** Turns what an examination found into tests: one for each attack and surface, red where a finding stands. */

import { type TestContext, test } from 'vitest';
import type { Checked } from '../fixtures/engine/check.ts';
import type { SurfaceResult } from '../fixtures/engine/findings.ts';
import { FAIL_ON, fails } from '../fixtures/engine/telling.ts';
import { describeFailure } from '../fixtures/migrate/migrate.ts';
import type { Severity } from '../fixtures/model/verdict.ts';
import { findingError } from '../reports/finding.ts';
import { surfaceName } from '../reports/findings.ts';

/**
 * Registers the tests; the finding travels in the test's notes, so that reports show it with its witness.
 * What decides nothing is skipped with its reason: it must not count as passed.
 */
export function verdictTests(checked: Checked, failOn: Severity = FAIL_ON): void {
  for (const failure of checked.examination.migrations.failed) {
    test(`${failure.file} applies`, ({ task, skip }) => {
      task.meta.rowproof = { undecided: 'unknown' };
      skip(describeFailure(failure));
    });
  }
  for (const result of checked.surfaces) test(surfaceName(result), (context) => judge(result, failOn, context));
  test('the project was examined', ({ task }) => {
    task.meta.rowproof = { summary: checked.summary };
  });
}

function judge(
  { surface, door, finding, question, unknown, state }: SurfaceResult,
  failOn: Severity,
  { task, skip }: TestContext,
): void {
  const undecided = state === 'unknown' || state === 'question' ? { undecided: state } : {};
  const held = state === 'held' && door !== null ? { held: door } : {};
  task.meta.rowproof = { surface, ...undecided, ...held, ...(finding ? { finding, persona: finding.persona } : {}) };
  // What is lighter than that is reported with the others, and fails nothing.
  if (finding && state === 'broken' && fails(finding, failOn)) throw findingError(finding);
  if (state === 'unknown') skip(unknown?.reason ?? 'nothing decided it');
  if (state === 'question') skip(question?.observed ?? 'nothing decides it');
}
