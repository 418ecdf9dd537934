/** Lets an account go away and looks whether what it owned is now everybody's. */

import { remove, update, where } from '../../fixtures/act/sql.ts';
import { askedFor } from '../../fixtures/engine/asked.ts';
import { isClosed } from '../../fixtures/engine/closed.ts';
import { isOwnTable, selectFor } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import type { WorldRow } from '../../fixtures/model/world.ts';
import { concerns } from '../../fixtures/oracles/ownership.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { asText } from '../../fixtures/populate/draft.ts';

const DRAFTS = `
CREATE TABLE public.drafts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  writer uuid REFERENCES auth.users (id) ON DELETE SET NULL,
  body text NOT NULL
);
ALTER TABLE public.drafts ENABLE ROW LEVEL SECURITY;`;

export const attack: Attack = {
  id: 'read-orphan-becomes-public',
  group: 'table read',
  severity: 'high',
  title: 'reads what a deleted account left behind',
  explains:
    'Where the owner of a row becomes NULL with the account, a policy that takes NULL for “public”, or compares by IS NOT DISTINCT FROM, opens rows which nobody else could read before.',
  plants: [
    {
      platform: 'supabase',
      base: DRAFTS,
      plant:
        'CREATE POLICY "mine or nobody’s" ON public.drafts FOR SELECT USING (writer IS NULL OR writer = auth.uid());',
      repair:
        'ALTER TABLE public.drafts DROP CONSTRAINT drafts_writer_fkey, ADD FOREIGN KEY (writer) REFERENCES auth.users (id) ON DELETE CASCADE;',
    },
    {
      platform: 'supabase',
      base: DRAFTS,
      plant: 'CREATE POLICY "mine" ON public.drafts FOR SELECT USING (writer IS NOT DISTINCT FROM auth.uid());',
      repair: 'ALTER POLICY "mine" ON public.drafts USING (writer = auth.uid());',
    },
  ],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter((one) => isOwnTable(one) && one.rowSecurity)) {
      for (const column of ownersThatVanish(scene, relation)) {
        for (const persona of scene.attackers) {
          if (isClosed(scene.catalog, relation, persona.role, 'select')) continue;
          const texts = askedFor(scene.catalog, relation, persona.role, 'select');
          const victim = rowsOf(scene, relation.name).find(
            (row) => row.values[column] !== null && !concerns(row, persona),
          );
          if (victim && texts.some((text) => takesNull(text, column)))
            yield trial(scene, relation, column, persona, victim);
        }
      }
    }
  },
};

/** Identity columns that become NULL with what they point to, or that may be NULL and point to nothing. */
function ownersThatVanish({ world }: Scene, { name, columns, constraints }: Relation): readonly string[] {
  return (world.identity.get(name) ?? [])
    .map(({ column }) => column)
    .filter((column) => columns.some((one) => one.name === column && !one.notNull))
    .filter((column) => {
      const keys = constraints.filter((one) => one.references !== null && one.columns.join() === column);
      return keys.every(({ references }) => /^set null$/i.test(references?.onDelete ?? ''));
    });
}

function takesNull(text: string, column: string): boolean {
  return new RegExp(
    String.raw`\b${column}"?\)*\s+IS\s+(NULL|NOT\s+DISTINCT|DISTINCT)|DISTINCT FROM[^;]*\b${column}\b|coalesce\([^)]*\b${column}\b`,
    'i',
  ).test(text);
}

function trial(scene: Scene, relation: Relation, column: string, persona: Persona, victim: WorldRow): Trial {
  const sql = selectFor(scene.catalog, relation, persona);
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'select' },
    persona,
    shape: 'watched',
    probes: [
      { persona, sql },
      { persona, sql, given: [departure(scene, relation, column, victim)] },
      // Other rows may keep the account from being deleted; what its going does to this one is known.
      { persona, sql, given: [update(relation, { [column]: null }) + where(relation, victim.key)] },
    ],
    judge: (observations) => judge(relation, column, persona, victim, observations),
  };
}

/** The account, or whatever stands for it, is deleted; where nothing is pointed to, the row forgets its owner. */
function departure({ catalog }: Scene, relation: Relation, column: string, victim: WorldRow): string {
  const references = relation.constraints.find((one) => one.columns.join() === column && one.references)?.references;
  const pointed = catalog.relations.find(({ name }) => name === references?.relation);
  const key = references?.columns[0];
  if (!pointed || key === undefined) return update(relation, { [column]: null }) + where(relation, victim.key);
  return remove(pointed) + where(pointed, { [key]: victim.values[column] ?? null });
}

function judge(
  relation: Relation,
  column: string,
  persona: Persona,
  victim: WorldRow,
  [before, departed, forgotten]: readonly Observation[],
): Verdict {
  const after = departed?.error ? forgotten : departed;
  if (!before || !after || before.error || after.error) return { state: 'held' };
  const key = Object.entries(victim.key).filter(([name]) => name !== column);
  const shows = ({ columns, rows }: Observation) =>
    rows.some((cells) => key.every(([name, value]) => cells[columns.indexOf(name)] === asText(value)));
  if (key.length === 0 || shows(before) || !shows(after)) return { state: 'held' };
  return {
    state: 'broken',
    expected: `${persona.name} reads no more of ${relation.name} when somebody else’s account is deleted`,
    observed: `${persona.name} saw a row of ${relation.name} once its ${column} had become NULL`,
    columns: after.columns.map((one) => `${relation.name}.${one}`),
    at: after === departed ? 1 : 2,
  };
}
