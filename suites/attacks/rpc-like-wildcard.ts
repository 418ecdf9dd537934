/** Calls lookups with patterns instead of texts: a question for one person must not list everybody. */

import { DYNAMIC, says } from '../../fixtures/engine/code.ts';
import { grounds, isDefiner, variedTrial, withValue } from '../../fixtures/engine/variations.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Routine } from '../../fixtures/model/catalog.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const FIND_NOTE = (filter: string) => `
CREATE OR REPLACE FUNCTION public.find_note(p_title text) RETURNS SETOF public.notes LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT * FROM public.notes WHERE ${filter} $$;`;

/** A text that stands in no row. */
const NOWHERE = 'zq5xw8vj';

const PATTERNS = ['%', '_%', '%%%', '.*', ''];

const MATCHES = /\b(i?like|similar\s+to|regexp_\w+|starts_with|strpos|position|plainto_tsquery|to_tsquery)\b|~/i;

export const attack: Attack = {
  id: 'rpc-like-wildcard',
  group: 'rpc',
  severity: 'high',
  title: 'lists rows of others by a pattern',
  explains:
    'Each text argument that may be matched as a pattern is a wildcard, after a text that stands nowhere showed nothing.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: FIND_NOTE('body ILIKE p_title'),
      repair: FIND_NOTE('lower(body) = lower(p_title)'),
    },
  ],
  *trials(scene) {
    for (const ground of grounds(scene, (routine) => matches(scene, routine))) {
      const [call] = ground.calls;
      if (!call) continue;
      for (const [at, { category }] of ground.routine.arguments.entries()) {
        if (category !== 'S') continue;
        const varied = PATTERNS.map((pattern) => withValue(call, at, pattern));
        yield variedTrial(scene, ground, withValue(call, at, NOWHERE), varied);
      }
    }
  },
};

function matches(scene: Scene, routine: Routine): boolean {
  const texts = routine.arguments.some(({ category }) => category === 'S');
  return texts && isDefiner(scene)(routine) && [MATCHES, DYNAMIC].some((one) => says(scene.catalog, routine, one));
}
