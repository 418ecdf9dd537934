/** The terminal summary: one screen that says everything. */

import { describe, expect, test } from 'vitest';
import { countsLine, toTerminal } from '../../reports/terminal.ts';
import { clean, entry, failed, group, report, summary } from './sample-run.ts';

describe('The terminal summary', () => {
  const plain = (_: unknown, text: string) => text;

  test('says what was covered, found and unknown, where time went, seed and replay', () => {
    expect(toTerminal(report, plain)).toMatchInlineSnapshot(`
      "
        acceptance: 1 passed, 1 failed, 1 skipped, 1 could not run
        Covered  shop at head: 2/3 relations, 4/4 policies, 1/1 routines, 99 probes; 1 finding, 2 questions
        Found    critical: a stranger reads public.docs.body
                 skipped (skipped)
                 broken (could not run)
        Unknown  shop public.log: no row of any owner
        Time     4.3 s: boot 0.9 s, tests 3.3 s; first verdict after 1.5 s
                 of that, examinations, over all workers: migrate 1.2 s, probes 0.5 s
        Seed     7
        Replay   ROWPROOF_SEED=7 npm run test:acceptance"
    `);
  });

  test('says that nothing was found', () => {
    expect(toTerminal(clean, plain)).toMatchInlineSnapshot(`
      "
        acceptance: 1 passed, 0 failed
        Found    nothing
        Time     4.3 s: boot 0.9 s, tests 3.3 s; first verdict after 1.5 s
        Seed     7
        Replay   ROWPROOF_SEED=7 npm run test:acceptance"
    `);
  });

  test('fits on one screen, however much was found', () => {
    const many = Array.from({ length: 500 }, (_, index) => ({ ...failed, name: `${index}` }));
    const summaries = Array.from({ length: 50 }, () => ({
      ...summary,
      unknown: Array.from({ length: 20 }, () => ({ surface: 's', reason: 'r' })),
    }));
    const text = toTerminal({ ...report, groups: [{ ...group, tests: many }], summaries }, plain);
    expect(text.split('\n').length).toBeLessThanOrEqual(40);
    expect(text).toContain('… and 492 more, in the JUnit report');
  });

  test('says first what attacks could not decide, which files failed and which waivers there are', () => {
    const tests = [
      entry('nobody reads', { outcome: { state: 'undecided', verdict: 'unknown', reason: 'no happy call' } }),
      entry('nobody lists', {
        outcome: { state: 'undecided', verdict: 'question', reason: 'anon: 2 rows' },
        surface: 'public.docs select',
      }),
      failed,
    ];
    const told = { ...summary, waivers: ['k: waived until 2026-12-31 (r)'], failedMigrations: ['2.sql line 1: no'] };
    const text = toTerminal({ ...report, suite: 'attacks', groups: [{ ...group, tests }], summaries: [told] }, plain);
    expect(text).toMatchInlineSnapshot(`
      "
        attacks: 1 finding, 1 question, 1 unknown; 0 passed, 1 failed
        Covered  shop at head: 2/3 relations, 4/4 policies, 1/1 routines, 99 probes; 1 finding, 2 questions
        Failed   2.sql line 1: no
        Found    critical: a stranger reads public.docs.body
        Waivers  k: waived until 2026-12-31 (r)
        Question public.docs select: anon: 2 rows
        Unknown  shop: what the failed migrations would have made
                 shop public.log: no row of any owner
        Time     4.3 s: boot 0.9 s, tests 3.3 s; first verdict after 1.5 s
                 of that, examinations, over all workers: migrate 1.2 s, probes 0.5 s
        Seed     7
        Replay   ROWPROOF_SEED=7 npm run test:acceptance"
    `);
  });

  test('counts what passed and failed, and the rest where there is any', () => {
    expect(countsLine(clean)).toBe('1 passed, 0 failed');
    expect(countsLine(report)).toBe('1 passed, 1 failed, 1 skipped, 1 could not run');
  });
});
