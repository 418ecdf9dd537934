/** Filters tables by functions that are marked LEAKPROOF, and listens to what these say. */

import { nameOf } from '../../fixtures/act/sql.ts';
import { bystanders } from '../../fixtures/engine/people.ts';
import { holdsRows } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Column, Relation, Routine } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith, mayExecute } from '../../fixtures/model/privilege.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { judgeCanaries } from '../../fixtures/oracles/reading.ts';
import { ident, qualified } from '../../fixtures/wire/escape.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

export const attack: Attack = {
  id: 'fn-leakproof-lie',
  group: 'function',
  severity: 'medium',
  title: 'hears a function tell rows that row security hides',
  explains:
    'A function marked LEAKPROOF is evaluated before policies and security barriers. One that raises its argument, in an error or a notice, tells rows which the caller may not see.',
  plants: [
    {
      platform: 'supabase',
      base: `${NOTES}
CREATE FUNCTION public.me() RETURNS uuid LANGUAGE plpgsql STABLE SET search_path = '' AS $$ BEGIN RETURN auth.uid(); END $$;
${OWN_NOTES} ALTER POLICY "own notes" ON public.notes USING (owner_id = public.me());`,
      plant: `CREATE FUNCTION public.is_short(said text) RETURNS boolean LANGUAGE plpgsql LEAKPROOF COST 0.001 AS $$
BEGIN IF length(said) > 3 THEN RAISE NOTICE 'too long: %', said; END IF; RETURN true; END $$;`,
      repair: 'ALTER FUNCTION public.is_short(text) NOT LEAKPROOF;',
    },
  ],
  repair: ({ name }) => `ALTER FUNCTION ${name} NOT LEAKPROOF;`,
  *trials(scene) {
    for (const routine of scene.catalog.routines.filter(({ platform, leakproof }) => leakproof && !platform)) {
      for (const persona of bystanders(scene.attackers)) {
        if (mayExecute(scene.catalog, routine, persona.role)) yield trial(scene, routine, persona);
      }
    }
  },
};

const MOST_PROBES = 40;

function trial(scene: Scene, routine: Routine, persona: Persona): Trial {
  const surface = { kind: 'routine', name: routine.name, verb: 'call' } as const;
  const texts = scene.catalog.relations
    .filter((relation) => (holdsRows(relation) && relation.rowSecurity) || relation.securityBarrier)
    .flatMap((relation) => filtersBy(scene, routine, relation, persona));
  return {
    surface,
    persona,
    shape: 'rolled back',
    probes: texts.slice(0, MOST_PROBES).map((sql) => ({ persona, sql, first: NO_INDEX })),
    judge: (observations) => {
      const verdicts = observations.map((observation) => judgeCanaries(scene, surface, observation));
      const at = verdicts.findIndex(({ state }) => state === 'broken');
      const verdict = verdicts[at];
      return verdict?.state === 'broken' ? { ...verdict, at } : { state: 'held' };
    },
  };
}

/** By an index on the policy’s column the hidden rows would not even be looked at. */
const NO_INDEX = ['enable_indexscan', 'enable_indexonlyscan', 'enable_bitmapscan'].map(
  (setting) => `SET LOCAL ${setting} = off`,
);

/** One statement for each column that the function takes, or for whole rows where it takes these. */
function filtersBy(scene: Scene, routine: Routine, relation: Relation, persona: Persona): readonly string[] {
  const [argument, ...others] = routine.arguments;
  if (!argument || others.some(({ hasDefault }) => !hasDefault)) return [];
  const granted = columnsWith(scene.catalog, relation, persona.role, 'SELECT');
  const fits = ({ name, category, baseType }: Column) =>
    granted.includes(name) && (baseType === argument.baseType || (category === 'S' && argument.category === 'S'));
  const cells = relation.columns.filter(fits).map(({ name }) => `${ident(name)}::${argument.type}`);
  const whole = argument.type === relation.name ? [ident(relation.relname)] : [];
  return [...cells, ...whole].map(
    (cell) =>
      `SELECT count(*) FROM ${nameOf(relation)} WHERE ${qualified(routine.schema, routine.proname)}(${cell}) IS NOT NULL`,
  );
}
