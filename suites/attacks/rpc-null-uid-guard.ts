/** Calls each routine without being anybody: as anon, and signed in without `sub`. */

import { isIdentity, nobody, replayedBy } from '../../fixtures/engine/calls.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import { judgeActingAs } from '../../fixtures/oracles/acting-as.ts';
import { judgeCalls } from '../../fixtures/oracles/trial.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const NOTES_OF = (operator: string) => `
CREATE OR REPLACE FUNCTION public.notes_of(p_user uuid) RETURNS SETOF public.notes LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF p_user ${operator} auth.uid() THEN RAISE 'not you' USING ERRCODE = '42501'; END IF;
  RETURN QUERY SELECT * FROM public.notes WHERE owner_id = p_user;
END $$;`;

export const attack: Attack = {
  id: 'rpc-null-uid-guard',
  group: 'rpc',
  severity: 'critical',
  title: 'passes the caller check by having no user id',
  explains:
    'A guard written with <> or != is NULL, and so not true, when auth.uid() is NULL. The rightful call is repeated by callers who are nobody.',
  plants: [
    { platform: 'supabase', base: NOTES + OWN_NOTES, plant: NOTES_OF('<>'), repair: NOTES_OF('IS DISTINCT FROM') },
  ],
  *trials(scene) {
    for (const [name, rehearsal] of scene.calls) {
      if (rehearsal.state !== 'happy' || !rehearsal.call.values.some(isIdentity)) continue;
      const surface = { kind: 'routine', name, verb: 'call' } as const;
      for (const persona of scene.attackers.filter(({ user }) => user === null)) {
        const { a, b } = scene.world.circles;
        const named = [a.lead, a.partner, b.lead].filter((user) => user !== rehearsal.call.persona.user);
        const calls = [
          replayedBy(rehearsal.call, persona),
          ...named.map((user) =>
            replayedBy(rehearsal.call, persona, (value) => (isIdentity(value) ? { ...value, value: user } : value)),
          ),
          replayedBy(rehearsal.call, persona, nobody),
        ];
        yield {
          surface,
          persona,
          shape: 'watched',
          probes: calls.map(({ sql }) => ({ persona, sql })),
          judge: (observations) =>
            judgeCalls(observations, (observation) => judgeActingAs(scene, surface, observation)),
        };
      }
    }
  },
};
