/** The JUnit report: the same run gives the same text, and every reader of XML understands it. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { toJUnit } from '../../reports/junit.ts';
import { writeReports } from '../../reports/write.ts';
import { clean, entry, group, report } from './sample-run.ts';

describe('JUnit', () => {
  test('suites, tests, ids, counts, and a failure that holds finding and witness', () => {
    expect(toJUnit(report)).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="Rowproof acceptance" tests="4" failures="1" errors="1" skipped="1">
        <testsuite name="Shop › Leaks" timestamp="2026-01-02T03:04:05" time="0.05" tests="4" failures="1" errors="1" skipped="1">
          <properties>
            <property name="seed" value="7"/>
            <property name="server" value="PostgreSQL 17.10, embedded"/>
            <property name="replay" value="ROWPROOF_SEED=7 npm run test:acceptance"/>
          </properties>
          <testcase classname="acceptance.shop.leaks" name="T-SHOP-01 a price is positive" time="0.012" file="suites/acceptance/shop/leaks.test.ts">
            <properties>
              <property name="id" value="T-SHOP-01"/>
            </properties>
          </testcase>
          <testcase classname="acceptance.shop.leaks" name="no stranger reads" time="0.012" file="suites/acceptance/shop/leaks.test.ts">
            <properties>
              <property name="finding" value="read/public.docs/select/stranger/body"/>
              <property name="attack" value="read"/>
              <property name="severity" value="critical"/>
              <property name="surface" value="public.docs select"/>
              <property name="persona" value="stranger"/>
            </properties>
            <failure message="a stranger reads public.docs.body" type="finding"><![CDATA[CRITICAL: a stranger reads public.docs.body
      Surface:   public.docs select
      Personas:  stranger, anon
      Expected:  no row of another
      Observed:  2 rows
      Key:       read/public.docs/select/stranger/body

      Witness (psql):
      BEGIN;
      SELECT body FROM public.docs WHERE body < ']]]]><![CDATA[>' AND '&' <> '<';
      ROLLBACK;]]></failure>
          </testcase>
          <testcase classname="acceptance.shop.leaks" name="skipped" time="0.012" file="suites/acceptance/shop/leaks.test.ts">
            <skipped message="x"/>
          </testcase>
          <testcase classname="acceptance.shop.leaks" name="broken" time="0.012" file="suites/acceptance/shop/leaks.test.ts">
            <error message="no disk" type="error"><![CDATA[Fix: free some]]></error>
          </testcase>
        </testsuite>
      </testsuites>"
    `);
  });

  test('what was not decided is skipped, with its verdict and reason', () => {
    const undecided = entry('nobody reads', {
      outcome: { state: 'undecided', verdict: 'unknown', reason: 'no row of "any" owner <b>' },
    });
    const xml = toJUnit({ ...clean, groups: [{ ...group, tests: [undecided] }] });
    expect(xml).toContain('tests="1" failures="0" errors="0" skipped="1"');
    expect(xml).toContain('<property name="verdict" value="unknown"/>');
    expect(xml).toContain('<skipped message="no row of &quot;any&quot; owner &lt;b>"/>');
  });

  test('a clean run has no failure', () => {
    expect(toJUnit(clean)).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="Rowproof acceptance" tests="1" failures="0" errors="0" skipped="0">
        <testsuite name="Shop › Leaks" timestamp="2026-01-02T03:04:05" time="0.012" tests="1" failures="0" errors="0" skipped="0">
          <properties>
            <property name="seed" value="7"/>
            <property name="server" value="PostgreSQL 17.10, embedded"/>
            <property name="replay" value="ROWPROOF_SEED=7 npm run test:acceptance"/>
          </properties>
          <testcase classname="acceptance.shop.leaks" name="T-SHOP-01 a price is positive" time="0.012" file="suites/acceptance/shop/leaks.test.ts">
            <properties>
              <property name="id" value="T-SHOP-01"/>
            </properties>
          </testcase>
        </testsuite>
      </testsuites>"
    `);
  });

  test('a run that could not do its job is a suite with one error', () => {
    const xml = toJUnit({ ...clean, groups: [], obstacle: { sentence: 'There are no migrations.', fix: 'Add some.' } });
    expect(xml).toContain('tests="1" failures="0" errors="1" skipped="0"');
    expect(xml).toContain(
      '<error message="There are no migrations." type="CannotRun"><![CDATA[There are no migrations.\nFix: Add some.]]></error>',
    );
  });

  test('what XML cannot hold is left out, wherever it stands', () => {
    const nasty = 'a\u0000b\u0008c\u001b[31md\u001b[0m\uFFFE\uD800e<&>"\' 😀 ]]> \u0085';
    const outcome = { state: 'failed', message: nasty, details: nasty } as const;
    const xml = toJUnit({
      ...clean,
      groups: [{ name: nasty, className: nasty, file: nasty, tests: [entry(nasty, { outcome, persona: nasty })] }],
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 forbids.
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
    expect(xml.isWellFormed()).toBe(true);
    expect(xml).toContain('name="abcd\uFFFDe&lt;&amp;>&quot;');
    expect(xml).not.toContain('[31m');
    expect(xml).toContain(' 😀 ]]]]><![CDATA[> ');
  });

  test('is written whole, over the one of the run before', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'rowproof-reports-')), 'out');
    onTestFinished(() => rm(join(folder, '..'), { recursive: true }));
    await writeReports(folder, report);
    const path = await writeReports(folder, clean);
    expect(await readFile(path, 'utf8')).toBe(toJUnit(clean));
    expect(await readdir(folder)).toEqual(['junit.xml']);
  });

  test('a folder that cannot be written is one sentence', async () => {
    await expect(writeReports('/dev/null/out', report)).rejects.toThrow(
      /^The report \/dev\/null\/out\/junit\.xml could not be written \(\w+\)\.$/,
    );
  });
});
