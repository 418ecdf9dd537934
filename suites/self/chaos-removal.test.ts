/** What removes a protection either removes it or says that it cannot. */

import { expect, test } from 'vitest';
import { openRemover } from '../../chaos/removal.ts';
import type { Scenario } from '../../chaos/scenario.ts';
import { rewritten } from '../../chaos/scenarios/rewritten.ts';
import { fileLab } from '../file-lab.ts';

const lab = fileLab();
const about = { id: 'C-01', title: 'a test', system: 'memory', kind: 'blocking', mustHold: 'it ends' } as const;
const scenario: Scenario = { ...about, protections: [], run: async () => undefined };

const clone = () => lab.clone({ project: 'supabase/memory', platform: 'supabase' });

test('a guard goes by the statements of its operator, before those of the protection', async () => {
  await using db = await clone();
  const table = db.catalog.relations.find(({ platform, policies }) => !platform && policies.length > 0);
  const guard = `policy ${table?.name} "${table?.policies[0]?.name}"`;
  const { sql } = await openRemover(lab)(scenario, { id: 'a policy', guards: [guard], remove: ['SELECT 1'] });
  expect(sql).toEqual([expect.stringMatching(/^DROP POLICY /), 'SELECT 1']);
});

test.each(['policy public.nothing "of the kind"', 'trigger public.nothing "of the kind"', 'something else'])(
  'a guard of no such name is an error: %s',
  async (guard) => {
    const removed = openRemover(lab)(scenario, { id: 'nothing', guards: [guard] });
    await expect(removed).rejects.toThrow(`no operator removes ${guard} of memory`);
  },
);

test('a routine is rewritten where it says so, and nowhere else', async () => {
  await using db = await clone();
  await db.owner.query("CREATE FUNCTION public.said() RETURNS text LANGUAGE sql AS $$ SELECT 'it''s one' $$");
  await db.owner.query(rewritten('public.said()', "it''s one", "it''s two"));
  expect((await db.owner.query('SELECT public.said()')).rows).toEqual([{ said: "it's two" }]);
  await expect(db.owner.query(rewritten('public.said()', 'three', 'four'))).rejects.toThrow(/does not say so/);
});
