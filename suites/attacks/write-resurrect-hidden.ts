/** Changes rows that the policies for reading hide, such as deleted ones. */

import { nameOf, update, where } from '../../fixtures/act/sql.ts';
import { isClosed } from '../../fixtures/engine/closed.ts';
import { ownRows, quietly } from '../../fixtures/engine/own-rows.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import { labelsOf } from '../../fixtures/engine/values.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Column, Policy, Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { mentions } from '../../fixtures/model/text.ts';
import type { Json, WorldRow } from '../../fixtures/model/world.ts';
import { stood } from '../../fixtures/oracles/escalating.ts';
import { NOTES } from '../plants.ts';

const BINNED = `${NOTES}
ALTER TABLE public.notes ADD COLUMN binned_at timestamptz;
CREATE POLICY s ON public.notes FOR SELECT TO authenticated USING (owner_id = auth.uid() AND binned_at IS NULL);`;

export const attack: Attack = {
  id: 'write-resurrect-hidden',
  group: 'table write',
  severity: 'low',
  title: 'changes rows that are hidden from it',
  explains:
    'The owner of the database hides a row of the persona’s own by each column that the policies for reading ask. A bare UPDATE reads no column, so only its own policies decide: where they forget the condition, what was deleted or withdrawn comes back.',
  plants: [
    {
      platform: 'supabase',
      base: BINNED,
      plant: 'CREATE POLICY u ON public.notes FOR UPDATE TO authenticated USING (owner_id = auth.uid());',
      repair: 'ALTER POLICY u ON public.notes USING (owner_id = auth.uid() AND binned_at IS NULL);',
    },
  ],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter((one) => isOwnTable(one) && one.rowSecurity)) {
      const asked = relation.columns.filter((column) => hides(scene, relation, column)).slice(0, MOST);
      for (const column of asked) yield* trials(scene, relation, column);
    }
  },
};

const MOST = 3;

/** Asked by a policy for reading alone, and by none for changing. */
function hides(scene: Scene, relation: Relation, { name, generated }: Column): boolean {
  const people = (scene.world.identity.get(relation.name) ?? []).map(({ column }) => column);
  const keys = relation.constraints.filter(({ kind }) => kind === 'primary' || kind === 'foreign');
  if (generated || people.includes(name) || keys.some(({ columns }) => columns.includes(name))) return false;
  const asks = (command: Policy['command']) =>
    relation.policies.some((policy) => policy.command === command && mentions(policy.using ?? '', name));
  return asks('select') && !asks('update') && !asks('all');
}

function* trials(scene: Scene, relation: Relation, column: Column): Iterable<Trial> {
  for (const persona of scene.attackers.filter(({ user, circle }) => user !== null && circle !== null)) {
    const [row] = ownRows(scene, relation, persona.user ?? '');
    const granted = columnsWith(scene.catalog, relation, persona.role, 'UPDATE');
    const now = row?.values[column.name] ?? null;
    const other = row ? otherwise(scene, column, now) : undefined;
    if (!row || other === undefined || !granted.includes(column.name)) continue;
    if (isClosed(scene.catalog, relation, persona.role, 'update')) continue;
    // Which of the two hides the row is for the policy to say.
    yield trial(relation, column, persona, row, { shown: now, hidden: other });
    yield trial(relation, column, persona, row, { shown: other, hidden: now });
    return;
  }
}

interface Values {
  readonly shown: Json;
  readonly hidden: Json;
}

function trial(relation: Relation, column: Column, persona: Persona, row: WorldRow, { shown, hidden }: Values): Trial {
  const key = where(relation, row.key);
  const look = `SELECT 1 FROM ${nameOf(relation)}${key}`;
  const set = (value: Json) => quietly(update(relation, { [column.name]: value }) + key);
  const given = set(hidden);
  const back = update(relation, { [column.name]: shown });
  const claimed = { relation: relation.name, column: column.name, verb: 'update', value: shown, row: row.key } as const;
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'update' },
    persona,
    shape: 'watched',
    probes: [
      { persona, sql: look, given: set(shown) },
      ...[look, back, `${back} WHERE true`].map((sql) => ({ persona, sql, given })),
    ],
    judge: ([before, after, ...acts]) => {
      const seen = before?.error === null && before.rows.length > 0;
      if (!seen || after?.error !== null || after.rows.length > 0) return { state: 'held' };
      const at = acts.findIndex((act) => stood(claimed, act));
      if (at < 0) return { state: 'held' };
      return {
        state: 'broken',
        expected: `${persona.name} changes no row of ${relation.name} that it may not read`,
        observed: `${persona.name} set ${relation.name}.${column.name} of a row back that was hidden by it`,
        columns: [`${relation.name}.${column.name}`],
        at: at + 2,
      };
    },
  };
}

/** What the column says of a row that is gone, where this one is there. */
function otherwise(scene: Scene, column: Column, now: Json): Json | undefined {
  if (column.category === 'D') return now === null ? '2024-01-01T00:00:00+00:00' : column.notNull ? undefined : null;
  if (typeof now === 'boolean') return !now;
  if (typeof now === 'number') return now + 1;
  const label = labelsOf(scene, column).find((one) => one !== now);
  if (label !== undefined) return label;
  return column.category === 'S' ? 'hidden' : undefined;
}
