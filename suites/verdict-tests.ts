/** Turns what an examination found into tests: one for each attack and surface, red where a finding stands. */

import { expect, test } from 'vitest';
import type { Checked } from '../fixtures/engine/check.ts';
import type { SurfaceResult } from '../fixtures/engine/findings.ts';
import { findingError } from '../reports/finding.ts';

/** Registers the tests; the finding travels in the test's notes, so that reports show it with its witness. */
export function verdictTests(checked: Checked): void {
  for (const result of checked.surfaces) {
    test(nameOf(result), ({ task }) => {
      task.meta.rowproof = {
        surface: result.surface,
        ...(result.finding ? { finding: result.finding, persona: result.finding.persona } : {}),
      };
      if (result.finding && result.state === 'broken') throw findingError(result.finding);
    });
  }
  test('the project was examined', ({ task }) => {
    task.meta.rowproof = { summary: checked.summary };
    expect(checked.surfaces.length).toBeGreaterThan(0);
  });
}

function nameOf({ attack, surface, state }: SurfaceResult): string {
  const undecided = state === 'unknown' || state === 'question' ? ` (${state})` : '';
  return `${surface.verb} ${surface.name}: nobody ${attack.title}${undecided}`;
}
