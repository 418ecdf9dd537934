/** Leaves filters out: NULL, an omitted argument, an empty text, an empty list. */

import { callOf, inStateOf } from '../../fixtures/engine/calls.ts';
import { grounds, isDefiner, variedTrial, withValue } from '../../fixtures/engine/variations.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Call } from '../../fixtures/model/scene.ts';
import type { Json } from '../../fixtures/model/world.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const NOTES_BY = (filter: string) => `
CREATE OR REPLACE FUNCTION public.notes_by(p_id uuid) RETURNS SETOF public.notes LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT * FROM public.notes WHERE ${filter} $$;`;

export const attack: Attack = {
  id: 'rpc-null-argument-wildcard',
  group: 'rpc',
  severity: 'critical',
  title: 'reaches rows of somebody else by leaving an argument out',
  explains: 'Each argument in turn, and all together, are NULL, left to their defaults, or empty.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: NOTES_BY('p_id IS NULL OR id = p_id AND owner_id = auth.uid()'),
      repair: NOTES_BY('(p_id IS NULL OR id = p_id) AND owner_id = auth.uid()'),
    },
  ],
  *trials(scene) {
    for (const ground of grounds(scene, isDefiner(scene))) {
      const [call] = ground.calls;
      if (!call || ground.routine.arguments.length === 0) continue;
      const varied = omissions(call).filter(({ sql }) => sql !== call.sql);
      if (varied.length > 0) yield variedTrial(scene, ground, call, varied);
    }
  },
};

function omissions(call: Call): readonly Call[] {
  const { routine, persona, values } = call;
  const required = routine.arguments.findIndex(({ hasDefault }) => hasDefault);
  const shorter =
    required < 0
      ? []
      : routine.arguments
          .slice(required)
          .map((_, more) => inStateOf(call, callOf(routine, persona, values.slice(0, required + more))));
  // A routine that is STRICT does not run with NULL at all.
  const nulls = routine.strict
    ? []
    : [
        ...routine.arguments.map((_, at) => withValue(call, at, null)),
        inStateOf(
          call,
          callOf(
            routine,
            persona,
            routine.arguments.map(() => ({ value: null, meaning: 'value' })),
          ),
        ),
      ];
  const empty = routine.arguments.flatMap(({ category }, at) =>
    emptyOf(category).map((value) => withValue(call, at, value)),
  );
  return [...new Map([...shorter, ...nulls, ...empty].map((one) => [one.sql, one])).values()];
}

function emptyOf(category: string): readonly Json[] {
  if (category === 'S') return [''];
  return category === 'A' ? [[]] : [];
}
