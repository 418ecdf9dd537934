/** A test that fails with a finding, and leaves the summary of its examination. */

import { test } from 'vitest';
import type { Finding } from '../../../fixtures/model/verdict.ts';
import { findingError } from '../../../reports/finding.ts';
import { finding as sample } from '../sample-run.ts';

const finding: Finding = {
  ...sample,
  key: 'read/public.docs/stranger',
  attack: 'read',
  severity: 'critical',
  title: 'a stranger reads public.docs',
  surface: { kind: 'relation', name: 'public.docs', verb: 'select' },
  persona: 'stranger',
  personas: ['stranger', 'anon'],
  columns: ['body'],
  expected: 'no row',
  observed: '2 rows',
  sqlstate: null,
  witness: 'BEGIN;\nSELECT *\nFROM public.docs;\nROLLBACK;',
};

test('nobody reads the docs of others', ({ task }) => {
  task.meta.rowproof = {
    finding,
    summary: {
      project: 'shop',
      stage: 'head',
      covered: { relations: [2, 3], policies: [4, 4], routines: [1, 1], probes: 99 },
      findings: 1,
      questions: 0,
      waivers: [],
      failedMigrations: [],
      unknown: [{ surface: 'public.log', reason: 'no row of any owner' }],
      milliseconds: { migrate: 120, probes: 450 },
    },
  };
  throw findingError(finding);
});
