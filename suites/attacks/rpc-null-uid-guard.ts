/** Calls each routine without being anybody: as anon, and signed in without `sub`. */

import { nobody, replayedBy } from '../../fixtures/engine/calls.ts';
import { impersonables, impersonation, namingOthers } from '../../fixtures/engine/impersonation.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
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
    for (const { surface, rehearsal } of impersonables(scene)) {
      const { call } = rehearsal;
      for (const persona of scene.attackers.filter(({ user }) => user === null)) {
        const calls = [
          replayedBy(call, persona),
          ...namingOthers(scene, call, persona),
          replayedBy(call, persona, nobody),
        ];
        yield impersonation(scene, surface, persona, calls);
      }
    }
  },
};
