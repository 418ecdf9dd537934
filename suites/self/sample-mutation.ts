/** A mutation run with one of each: what the tests of its reports look at. */

import type { MutantResult } from '../../fixtures/model/mutant.ts';
import { type Mutated, type MutationFacts, mutationFile } from '../../reports/mutation.ts';

const OWN = 'CREATE POLICY "own docs" ON public.docs FOR SELECT TO authenticated USING ((owner_id = auth.uid()))';

/** A mutant of the policy that was killed, but for what is said. */
export function result(key: string, changed: Partial<MutantResult> = {}): MutantResult {
  const [operator = ''] = key.split(' ');
  return {
    key,
    operator,
    guard: 'policy public.docs "own docs"',
    surface: 'public.docs',
    removes: false,
    was: OWN,
    is: OWN.replace('(owner_id = auth.uid())', 'true'),
    sql: ['ALTER POLICY "own docs" ON public.docs USING (true)'],
    state: 'killed',
    killer: {
      judge: 'read-foreign-row',
      surface: 'public.docs',
      persona: 'owner-b',
      said: 'held → broken: 1 row of owner-a',
      sql: 'SELECT * FROM public.docs',
    },
    tried: 3,
    reason: '',
    ...changed,
  };
}

const survived = { state: 'survived', killer: null } as const;
const send = { guard: 'function public.send(uuid,text): IF p_user <> auth.uid()', surface: 'public.send(uuid,text)' };
const BODY =
  "BEGIN\n  IF p_user <> auth.uid() THEN\n    RAISE EXCEPTION 'no';\n  END IF;\n  INSERT INTO public.docs VALUES (p_user, p_body);\nEND";

export const results: readonly MutantResult[] = [
  result('policy-using-true policy public.docs "own docs"'),
  result('policy-dropped policy public.docs "own docs"', { is: '', removes: true }),
  result('policy-role-widened policy public.docs "own docs"', {
    ...survived,
    is: OWN.replace('authenticated', 'PUBLIC'),
    tried: 42,
    reason: 'anon holds no grant of SELECT on public.docs.',
  }),
  result('policy-null-tolerant policy public.docs "own docs" USING 1', {
    state: 'equivalent',
    killer: null,
    reason: 'owner_id and auth.uid() are never both NULL: owner_id is NOT NULL',
  }),
  result('routine-guard-emptied function public.send(uuid,text): IF p_user <> auth.uid()', {
    ...survived,
    ...send,
    was: BODY,
    is: BODY.replace("    RAISE EXCEPTION 'no';\n", '    NULL;\n'),
    tried: 17,
    reason: 'No rightful call of it is known.',
  }),
  result('routine-guard-negated function public.send(uuid,text): IF p_user <> auth.uid()', {
    ...survived,
    ...send,
    was: BODY,
    is: BODY.replace('p_user <> auth.uid()', 'NOT p_user <> auth.uid()'),
    tried: 17,
    reason: 'No rightful call of it is known.',
  }),
  result('constraint-dropped constraint public.docs "docs_pkey"', {
    guard: 'constraint public.docs "docs_pkey"',
    state: 'invalid',
    killer: null,
    tried: 0,
    reason: 'cannot drop constraint docs_pkey on table docs because other objects depend on it',
  }),
];

export const mutated: Mutated = {
  project: {
    name: 'shop',
    folder: '/shop',
    platform: 'supabase',
    migrations: [],
    seeds: [],
    access: null,
    rollback: null,
    exposedSchemas: null,
    requestPath: null,
    defaultGrants: 'exposed',
    notes: [],
  },
  results,
  skipped: [{ operator: 'routine-guard-emptied', surface: 'public.sum(int)', reason: 'its language is plv8' }],
  watches: [],
  noisy: [],
  migrations: { failed: [] },
};

export const facts: MutationFacts = {
  version: '0.1.0',
  server: { version: '17.10', kind: 'embedded' },
  seed: 1,
  state: 'ab12',
  scope: { only: null, since: null, tests: null, guards: false },
  run: {
    id: 'abcdefgh',
    started: '2026-01-01T00:00:00.000Z',
    milliseconds: 4300,
    stages: { start: 900, mutants: 3300 },
    probes: 120,
    resumed: 0,
    folder: '/shop',
  },
};

export const file = mutationFile(mutated, facts);
