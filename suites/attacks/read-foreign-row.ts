/** Reads every relation as every persona and looks for rows, or canaries, that do not concern them. */

import { holdsRows, selectFor } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { judgeView } from '../../fixtures/oracles/directory.ts';
import { judgeTableRead } from '../../fixtures/oracles/reading.ts';
import { judgeEach, worstOf } from '../../fixtures/oracles/trial.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

export const attack: Attack = {
  id: 'read-foreign-row',
  group: 'table read',
  severity: 'critical',
  title: 'reads rows of somebody else',
  explains:
    'Each persona selects from each table and view without a WHERE. A row that does not concern the persona is a leak, unless a policy publishes it or the contract approves it.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES,
      plant: `${OWN_NOTES} ALTER TABLE public.notes DISABLE ROW LEVEL SECURITY;`,
      repair: 'ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;',
    },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: 'CREATE VIEW public.all_notes AS SELECT id, body FROM public.notes;',
      repair: 'ALTER VIEW public.all_notes SET (security_invoker = on);',
    },
    {
      platform: 'supabase',
      base: NOTES,
      plant: `CREATE POLICY "by length" ON public.notes FOR SELECT USING (owner_id = auth.uid() OR length(owner_id::text) = length((auth.jwt() ->> 'sub')));`,
      repair: 'ALTER POLICY "by length" ON public.notes USING (owner_id = auth.uid());',
    },
  ],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter((one) => isExamined(scene, one))) {
      for (const persona of scene.attackers) yield trial(scene, relation, persona);
    }
  },
};

/** Foreign tables hold no rows of ours: see `view-foreign-table`. */
function isExamined(scene: Scene, relation: Relation): boolean {
  if (relation.kind === 'foreign') return false;
  return !relation.platform || scene.world.rows.some((row) => row.relation === relation.name);
}

function trial(scene: Scene, relation: Relation, persona: Persona): Trial {
  const surface = { kind: 'relation', name: relation.name, verb: 'select' } as const;
  const missing = scene.world.unpopulated.find((one) => one.relation === relation.name);
  return {
    surface,
    persona,
    shape: 'rolled back',
    probes: missing ? [] : [{ persona, sql: selectFor(scene.catalog, relation, persona) }],
    judge: (observations) => {
      if (missing) return { state: 'unknown', reason: `no row could be made: ${missing.reason}` };
      const verdict = judgeEach(observations, (observation) =>
        holdsRows(relation)
          ? judgeTableRead(scene, relation, observation)
          : judgeView(scene, relation, surface, observation),
      );
      return worstOf([verdict, judgeClaims(scene, relation)]);
    },
  };
}

/** Rows that are somebody's by a claim of the token can be told apart only by who holds one. */
function judgeClaims({ world }: Scene, { name }: Relation): Verdict {
  const unheld = world.unheldClaims.find(({ relation }) => relation === name);
  if (!unheld) return { state: 'held' };
  return { state: 'unknown', reason: `policies ask for the claim ${unheld.claim}, which none of our people hold` };
}
