/** A run as a report format receives it: one test of each outcome, one finding, one examination. */

import type { ExaminationSummary } from '../../fixtures/model/summary.ts';
import type { Finding } from '../../fixtures/model/verdict.ts';
import { findingText } from '../../reports/finding.ts';
import { requirementIds } from '../../reports/names.ts';
import type { RunReport, TestEntry, TestGroup } from '../../reports/run.ts';

export const finding: Finding = {
  key: 'read/public.docs/select/stranger/body',
  attack: 'read',
  severity: 'critical',
  title: 'a stranger reads public.docs.body',
  surface: { kind: 'relation', name: 'public.docs', verb: 'select' },
  persona: 'stranger',
  personas: ['anon', 'stranger'],
  columns: ['body'],
  expected: 'no row of another',
  observed: '2 rows',
  sqlstate: null,
  relation: 'stranger',
  reachable: 'untested',
  door: null,
  triedAt: null,
  reachedBecause: null,
  cause: {
    key: 'policy public.docs "read all"',
    text: 'CREATE POLICY "read all" ON public.docs USING (true);',
    source: { file: 'migrations/1_docs.sql', line: 4 },
  },
  repair: 'ALTER POLICY "read all" ON public.docs USING (owner_id = (SELECT auth.uid()));',
  proof: { shows: 'text', all: ['hkmnpqr'] },
  witness: "BEGIN;\nSELECT body FROM public.docs WHERE body < ']]>' AND '&' <> '<';\nROLLBACK;\n",
};

export const entry = (name: string, more: Partial<TestEntry> = {}): TestEntry => ({
  name,
  ids: requirementIds(name),
  milliseconds: 12.4,
  outcome: { state: 'passed' },
  finding: null,
  surface: null,
  persona: null,
  ...more,
});

export const failed: TestEntry = entry('no stranger reads', {
  outcome: { state: 'failed', message: finding.title, details: findingText(finding) },
  finding,
  surface: 'public.docs select',
  persona: 'stranger',
});

export const group: TestGroup = {
  name: 'Shop › Leaks',
  className: 'acceptance.shop.leaks',
  file: 'suites/acceptance/shop/leaks.test.ts',
  tests: [
    entry('T-SHOP-01 a price is positive'),
    failed,
    entry('skipped', { outcome: { state: 'skipped', reason: 'x' } }),
    entry('broken', { outcome: { state: 'error', message: 'no disk', details: 'Fix: free some' } }),
  ],
};

export const summary: ExaminationSummary = {
  project: 'shop',
  stage: 'head',
  covered: { relations: [2, 3], policies: [4, 4], routines: [1, 1], probes: 99 },
  findings: 1,
  questions: 2,
  waivers: [],
  failedMigrations: [],
  unknown: [{ surface: 'public.log', reason: 'no row of any owner' }],
  milliseconds: { migrate: 1200, probes: 450 },
};

export const report: RunReport = {
  suite: 'acceptance',
  started: '2026-01-02T03:04:05',
  milliseconds: 4321,
  seed: 7,
  server: 'PostgreSQL 17.10, embedded',
  replay: 'ROWPROOF_SEED=7 npm run test:acceptance',
  stages: [
    { name: 'boot', milliseconds: 900 },
    { name: 'tests', milliseconds: 3300 },
  ],
  firstVerdict: 1500,
  groups: [group],
  summaries: [summary],
  obstacle: null,
  strict: false,
};

export const clean: RunReport = {
  ...report,
  groups: [{ ...group, tests: [entry('T-SHOP-01 a price is positive')] }],
  summaries: [],
};
