/** Is refused by a row of another table, and looks whether the refusal is seen by the policy that asks for it. */

import { insert, nameOf } from '../../fixtures/act/sql.ts';
import { expressionsOf, policiesFor } from '../../fixtures/engine/asked.ts';
import { type Denial, denialsIn } from '../../fixtures/engine/denials.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { isOwnTable, selectFor } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import type { Json, WorldRow } from '../../fixtures/model/world.ts';
import { isReadable } from '../../fixtures/oracles/ownership.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { holdsKey } from '../../fixtures/oracles/reading.ts';

const WALLS = `
CREATE TABLE public.walls (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  author_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  body text NOT NULL
);
CREATE TABLE public.ignored_people (
  by_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  whom_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  PRIMARY KEY (by_id, whom_id)
);
ALTER TABLE public.walls ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.ignored_people ENABLE ROW LEVEL SECURITY;
CREATE POLICY "my list" ON public.ignored_people TO authenticated USING (by_id = auth.uid()) WITH CHECK (by_id = auth.uid());`;

export const attack: Attack = {
  id: 'read-not-exists-fails-open',
  group: 'table read',
  severity: 'high',
  title: 'reads rows from which they are shut out',
  explains:
    'A rule that refuses whoever stands in another table is blind where the caller may not read that table: the list looks empty. The row that refuses exactly this caller is made, and the caller reads again; with the list readable to all, the same caller is refused.',
  plants: [
    {
      platform: 'supabase',
      base: WALLS,
      plant: `CREATE POLICY "not ignored" ON public.walls FOR SELECT TO authenticated
        USING (NOT EXISTS (SELECT 1 FROM public.ignored_people AS i WHERE i.by_id = walls.author_id AND i.whom_id = auth.uid()));`,
      repair: `
        CREATE FUNCTION public.is_ignored_by(author uuid) RETURNS boolean STABLE SECURITY DEFINER SET search_path = '' LANGUAGE sql
          AS $$ SELECT EXISTS (SELECT 1 FROM public.ignored_people WHERE by_id = author AND whom_id = auth.uid()) $$;
        ALTER POLICY "not ignored" ON public.walls USING (NOT public.is_ignored_by(author_id));`,
    },
    {
      platform: 'supabase',
      base: WALLS,
      plant: `CREATE POLICY "not ignored" ON public.walls FOR SELECT TO authenticated
        USING (author_id NOT IN (SELECT by_id FROM public.ignored_people WHERE whom_id = auth.uid()));`,
      repair: `CREATE POLICY "lists that name me" ON public.ignored_people FOR SELECT TO authenticated USING (whom_id = auth.uid());`,
    },
  ],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter((one) => isOwnTable(one) && one.rowSecurity)) {
      for (const persona of scene.attackers.filter(({ user }) => user !== null).slice(0, 2)) {
        const asked = policiesFor(scene.catalog, relation, persona.role, 'select').flatMap((policy) =>
          expressionsOf(policy, 'select'),
        );
        const victim = rowsOf(scene, relation.name).find((row) => isReadable(scene, persona, row));
        if (!victim) continue;
        for (const denial of denialsIn(scene.catalog, asked).filter((one) => one.list.rowSecurity))
          yield trial(scene, relation, persona, victim, denial);
      }
    }
  },
};

function trial(
  scene: Scene,
  relation: Relation,
  persona: Persona,
  victim: WorldRow,
  { list, fillings }: Denial,
): Trial {
  const said = [...fillings].map(([column, filling]): [string, Json] => {
    if (filling.of === 'caller') return [column, persona.user];
    return [column, filling.of === 'row' ? (victim.values[filling.column] ?? null) : filling.value];
  });
  const [template = {}] = rowsToInsert(scene, list, persona);
  const refusal = `${insert(list, { ...template, ...Object.fromEntries(said) })} ON CONFLICT DO NOTHING`;
  const open = `ALTER TABLE ${nameOf(list)} DISABLE ROW LEVEL SECURITY`;
  const sql = selectFor(scene.catalog, relation, persona);
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'select' },
    persona,
    shape: 'watched',
    probes: [
      { persona, sql },
      { persona, sql, given: [refusal] },
      { persona, sql, given: [refusal, open] },
    ],
    judge: (observations) => judge(relation, list, persona, victim, observations),
  };
}

function judge(
  relation: Relation,
  list: Relation,
  persona: Persona,
  victim: WorldRow,
  [before, refused, control]: readonly Observation[],
): Verdict {
  if (!before || !refused || !control) return { state: 'held' };
  if (refused.error && refused.error.sqlstate !== '42501')
    return {
      state: 'unknown',
      reason: `the row of ${list.name} that refuses could not be made (SQLSTATE ${refused.error.sqlstate})`,
    };
  const shows = ({ columns, rows, error }: Observation) =>
    error === null && rows.some((cells) => holdsKey(victim, columns, cells));
  if (!shows(before) || !shows(refused) || control.error || shows(control)) return { state: 'held' };
  return {
    state: 'broken',
    expected: `${persona.name}, whom a row of ${list.name} refuses, does not see the row of ${relation.name}`,
    observed: `${persona.name} still saw it: to ${persona.role} ${list.name} looks empty, so NOT EXISTS is true`,
    columns: refused.columns.map((column) => `${relation.name}.${column}`),
    at: 1,
  };
}
