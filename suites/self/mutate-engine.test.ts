/** The fate of mutants: who notices, what survives and why, and that nothing depends on workers or on an interruption. */

import { afterAll, describe, expect, inject, test } from 'vitest';
import { openLab } from '../../fixtures/lab/lab.ts';
import { isMutant, type Mutant, type MutantResult, type MutationOperator } from '../../fixtures/model/mutant.ts';
import { loadOperators } from '../../fixtures/mutate/load-operators.ts';
import { type MutateOptions, mutate } from '../../fixtures/mutate/mutate.ts';
import { loadAttacks } from '../load-attacks.ts';
import { projectOf } from './project-of.ts';

const BASE = `
CREATE TABLE public.posts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL REFERENCES auth.users (id),
  title text NOT NULL CHECK (char_length(title) < 500)
);
ALTER TABLE public.posts ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.posts FROM anon, authenticated;
GRANT SELECT, UPDATE, DELETE ON public.posts TO authenticated;
CREATE POLICY "own posts" ON public.posts TO authenticated USING (owner_id = auth.uid()) WITH CHECK (owner_id = auth.uid());
CREATE FUNCTION public.retitle(p_id uuid, p_title text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM public.posts WHERE id = p_id AND owner_id = auth.uid()) THEN
    RAISE EXCEPTION 'not yours';
  END IF;
  UPDATE public.posts SET title = p_title WHERE id = p_id;
END $$;
REVOKE ALL ON FUNCTION public.retitle(uuid, text) FROM PUBLIC, anon;`;

/** A tenant that is no longer named reads as '' on a connection that has named one, and as NULL on others. */
const TENANTS = `
CREATE ROLE app_mutated;
CREATE TABLE public.notes (id int PRIMARY KEY, tenant text NOT NULL, body text NOT NULL);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON public.notes TO app_mutated;
CREATE POLICY tenants ON public.notes USING (tenant = current_setting('app.tenant', true));`;

const lab = openLab(inject('server'));
afterAll(() => lab[Symbol.asyncDispose]());

const attacks = await loadAttacks();
const operators = await loadOperators();

const tried = async (sql: string, more: Partial<MutateOptions> = {}) =>
  await mutate(lab, { project: await projectOf({ '1.sql': sql }), attacks, operators, seed: inject('seed'), ...more });

/** An operator that makes mutants by hand. */
const byHand = (mutants: readonly Partial<Mutant>[]): readonly MutationOperator[] => [
  {
    id: 'by-hand',
    explains: 'Made for a test.',
    mutants: ({ catalog }) =>
      mutants.map((mutant) => ({
        key: 'by-hand',
        operator: 'by-hand',
        guard: 'a guard',
        surface:
          catalog.relations.find(({ relname, platform }) => !platform && /posts|notes/.test(relname))?.name ??
          ('' as Mutant['surface']),
        verb: null,
        sql: [],
        noop: [],
        was: '',
        is: '',
        removes: true,
        ...mutant,
      })),
  },
];

/** Fate by key, as far as it is compared. */
const fates = (results: readonly MutantResult[]) =>
  results.map(({ key, state, killer, tried: count, reason }) => [key, state, killer, count, reason]);

describe('the fate of a mutant', () => {
  test('what opens or closes a row to somebody is noticed, by flows or by an attack', async () => {
    const { results } = await tried(BASE, {
      operators: byHand([
        { key: 'dropped', sql: ['DROP POLICY "own posts" ON public.posts'] },
        { key: 'true', sql: ['ALTER POLICY "own posts" ON public.posts USING (true)'] },
        { key: 'off', sql: ['ALTER TABLE public.posts DISABLE ROW LEVEL SECURITY'] },
        { key: 'granted', sql: ['GRANT INSERT ON public.posts TO authenticated'] },
      ]),
    });
    expect(results.map(({ key, state, killer }) => [key, state, killer !== null && killer.said !== ''])).toEqual([
      ['dropped', 'killed', true],
      ['true', 'killed', true],
      ['off', 'killed', true],
      ['granted', 'killed', true],
    ]);
  });

  test('a policy that lets nobody through is noticed to let everybody through', async () => {
    const { results } = await tried(`${BASE} ALTER POLICY "own posts" ON public.posts USING (false);`, {
      only: ({ operator }) => operator === 'policy-using-true',
    });
    expect(results.map(({ operator, state }) => `${operator} ${state}`)).toEqual(['policy-using-true killed']);
  });

  test('an RPC without its guard is noticed by an attack on the RPC', async () => {
    const { results } = await tried(BASE, { only: ({ key }) => key.startsWith('routine-guard-emptied') });
    expect(results.map(({ state, killer }) => [state, killer?.surface])).toEqual([
      ['killed', 'public.retitle(uuid,text)'],
    ]);
  });

  test('what nobody can see survives, with what is known of it', async () => {
    const { results } = await tried(BASE, {
      operators: byHand([
        { key: 'comment', sql: ["COMMENT ON TABLE public.posts IS 'other words'"] },
        { key: 'length', sql: ['ALTER TABLE public.posts DROP CONSTRAINT posts_title_check'] },
      ]),
    });
    expect(results.map(({ key, state, killer, reason }) => [key, state, killer, reason === ''])).toEqual([
      ['comment', 'survived', null, false],
      ['length', 'survived', null, false],
    ]);
  });

  test('further judges are asked when all fates are known, and what they notice is killed', async () => {
    const killer = { judge: 'somebody', surface: 'public.posts', persona: null, said: 'no', sql: null };
    const asked: string[] = [];
    const { results, milliseconds } = await tried(BASE, {
      operators: byHand([
        { key: 'comment', sql: ["COMMENT ON TABLE public.posts IS 'other words'"] },
        { key: 'length', sql: ['ALTER TABLE public.posts DROP CONSTRAINT posts_title_check'] },
      ]),
      settle: async (mutants, fates) => {
        asked.push(...mutants.map(({ key }, at) => `${key}: ${fates[at]?.state}`));
        return fates.map((fate) => (fate.key === 'length' ? { ...fate, state: 'killed', killer } : fate));
      },
    });
    expect(asked).toEqual(['comment: survived', 'length: survived']);
    expect(results.map(({ state, killer: by }) => [state, by?.judge])).toEqual([
      ['survived', undefined],
      ['killed', 'somebody'],
    ]);
    expect(milliseconds['tests']).toBeGreaterThanOrEqual(0);
  });

  test('what the server refuses is invalid, in its words, and the next mutant is tried all the same', async () => {
    const { results } = await tried(BASE, {
      operators: byHand([
        { key: 'refused', sql: ['DROP POLICY nowhere ON public.posts'] },
        { key: 'half refused', sql: ['DROP POLICY "own posts" ON public.posts', 'SELECT 1 / 0'] },
        { key: 'next', sql: ['DROP POLICY "own posts" ON public.posts'] },
      ]),
    });
    expect(results.map(({ key, state, reason }) => [key, state, reason.slice(-16)])).toEqual([
      ['refused', 'invalid', '(SQLSTATE 42704)'],
      ['half refused', 'invalid', '(SQLSTATE 22012)'],
      ['next', 'killed', ''],
    ]);
  });

  test('a tenant that nobody named is asked on a connection where none was ever named', async () => {
    const open = "tenant = current_setting('app.tenant', true) OR current_setting('app.tenant', true) IS NULL";
    const { results, noisy } = await tried(TENANTS, {
      operators: byHand([{ key: 'unset', sql: [`ALTER POLICY tenants ON public.notes USING (${open})`] }]),
    });
    expect(results.map(({ state, killer }) => [state, killer?.persona])).toEqual([['killed', 'app_mutated unset']]);
    expect(noisy).toEqual([]);
  });
});

test('a policy of the public key, too, is equivalent where it asks for a uid, which that key has not, and nowhere else', async () => {
  const sql = `${BASE.replace(/REVOKE ALL ON public.posts[^;]*;/, '')}
    CREATE TABLE public.news (id int PRIMARY KEY, owner_id uuid REFERENCES auth.users (id), body text NOT NULL);
    ALTER TABLE public.news ENABLE ROW LEVEL SECURITY;
    CREATE POLICY "signed in" ON public.news FOR SELECT TO authenticated USING (true);
    CREATE POLICY "nobody’s" ON public.news FOR DELETE TO authenticated USING (owner_id IS NOT DISTINCT FROM auth.uid());`;
  const { results } = await tried(sql, { only: ({ key }) => key.startsWith('policy-role-widened') });
  const states = Object.fromEntries(results.map(({ guard, state }) => [guard, state]));
  expect(states['policy public.news "signed in"']).toBe('killed');
  expect(states['policy public.news "nobody’s"']).not.toBe('equivalent');
  expect(states['policy public.posts "own posts"']).toBe('equivalent');
});

describe('all mutants of a project', () => {
  test('the no-op of each changes no verdict', async () => {
    const noops = operators.map((operator) => ({
      ...operator,
      *mutants(ground: Parameters<MutationOperator['mutants']>[0]) {
        for (const one of operator.mutants(ground)) yield isMutant(one) ? { ...one, sql: one.noop } : one;
      },
    }));
    const { results } = await tried(BASE, { operators: noops });
    expect(results.length).toBeGreaterThan(30);
    expect(results.filter(({ state }) => state === 'killed' || state === 'invalid')).toEqual([]);
  });

  test('fates depend on no number of workers, and what is known of an interrupted run changes none', async () => {
    const alone = await tried(BASE);
    const heard: string[] = [];
    const half = new Map(alone.results.filter((_, at) => at % 2 === 0).map((one) => [one.key, one]));
    const resumed = await tried(BASE, { workers: 2, known: half, onResult: ({ key }) => heard.push(key) });
    expect(fates(resumed.results)).toEqual(fates(alone.results));
    expect(heard).toHaveLength(alone.results.length - half.size);
    expect(new Set(alone.results.map(({ key }) => key)).size).toBe(alone.results.length);
  });
});
