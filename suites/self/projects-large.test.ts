/** A project of 150 tables with more than 400 policies: three holes among them are found, and nothing else. */

import { afterAll, expect, inject, test } from 'vitest';
import { check } from '../../fixtures/engine/check.ts';
import { openLab } from '../../fixtures/lab/lab.ts';
import { loadAttacks } from '../load-attacks.ts';
import { manyTables } from '../many-tables.ts';
import { projectOf } from './project-of.ts';

const lab = openLab(inject('server'));
afterAll(() => lab[Symbol.asyncDispose]());

const HOLES = `
ALTER TABLE public.notes_30 DISABLE ROW LEVEL SECURITY;
ALTER POLICY u ON public.docs_61 WITH CHECK (true);
ALTER POLICY d ON public.items_92 USING (EXISTS (SELECT FROM public.docs_91 AS d WHERE d.id IS NOT NULL));`;

const HOLED = ['public.docs_61', 'public.items_92', 'public.notes_30'];

/** Two checks' worth of a machine that has other work to do. */
const PATIENCE = 600_000;

test(
  'a hole in 3 of 150 tables is found, and nothing above low elsewhere',
  async () => {
    const project = await projectOf({ '1_tables.sql': manyTables(150), '2_holes.sql': HOLES });
    const seed = inject('seed');
    const checked = await check(lab, { project, attacks: await loadAttacks(), seed, today: '2000-01-01', workers: 2 });
    const serious = checked.findings.filter(({ severity }) => severity !== 'low');
    expect([...new Set(serious.map(({ surface }) => surface.name))].toSorted()).toEqual(HOLED);
    expect(checked.unknown).toEqual([]);
    const { relations, policies } = checked.summary.covered;
    expect(relations).toEqual([150, 150]);
    expect(policies[0]).toBe(policies[1]);
    expect(policies[1]).toBeGreaterThan(400);
  },
  PATIENCE,
);
