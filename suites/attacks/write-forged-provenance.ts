/** Writes into its own rows what somebody else decides: who approved them, that they are verified. */

import { insert, update, where } from '../../fixtures/act/sql.ts';
import { isClosed } from '../../fixtures/engine/closed.ts';
import { decisionsOf } from '../../fixtures/engine/decisions.ts';
import { ownRows, quietly, rules } from '../../fixtures/engine/own-rows.ts';
import { bystanders } from '../../fixtures/engine/people.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { isGuarded } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Json } from '../../fixtures/model/world.ts';
import { type Claimed, isClaimApproved, stood } from '../../fixtures/oracles/escalating.ts';
import { namedIn } from '../../fixtures/oracles/ownership.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const LEAVE = `
CREATE TABLE public.leave_requests (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  employee_id uuid NOT NULL REFERENCES auth.users (id),
  days int NOT NULL,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'declined'))
);
ALTER TABLE public.leave_requests ENABLE ROW LEVEL SECURITY;`;

export const attack: Attack = {
  id: 'write-forged-provenance',
  group: 'table write',
  severity: 'medium',
  title: 'writes down as decided what others decide',
  explains:
    'INSERT and UPDATE of a row of one’s own with columns that record a decision of somebody else: approved_by another person, verified_at, a status beyond its first. Times and authors that a default fills in are left out: nearly every project lets clients send them.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES,
      plant: `ALTER TABLE public.notes ADD COLUMN verified_by uuid REFERENCES auth.users (id); ${OWN_NOTES}`,
      repair:
        'REVOKE INSERT, UPDATE ON public.notes FROM anon, authenticated; GRANT INSERT (body, owner_id), UPDATE (body) ON public.notes TO authenticated;',
    },
    {
      platform: 'supabase',
      base: LEAVE,
      plant: 'CREATE POLICY own ON public.leave_requests TO authenticated USING (employee_id = auth.uid());',
      repair: `ALTER POLICY own ON public.leave_requests WITH CHECK (employee_id = auth.uid() AND status = 'pending');`,
    },
  ],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter(isGuarded)) {
      if ((scene.world.identity.get(relation.name) ?? []).length === 0) continue;
      const personas = scene.attackers.filter(({ user, circle }) => user !== null && circle !== null);
      for (const persona of bystanders(personas)) {
        yield* inserts(scene, relation, persona);
        yield* updates(scene, relation, persona);
      }
    }
  },
};

const MOST_ROWS = 3;

function* inserts(scene: Scene, relation: Relation, persona: Persona): Iterable<Trial> {
  if (isClosed(scene.catalog, relation, persona.role, 'insert')) return;
  const granted = columnsWith(scene.catalog, relation, persona.role, 'INSERT');
  const other = scene.world.circles.b.lead === persona.user ? scene.world.circles.a.lead : scene.world.circles.b.lead;
  for (const { column, value } of decisionsOf(scene, relation, granted, other)) {
    const rows = rowsToInsert(scene, relation, persona)
      .map((row) => ({ ...row, [column]: value }))
      .filter((row) => isOnlyTheirs(scene, relation, row, persona, column) && !rules(scene, relation, row, persona));
    const probes = rows.slice(0, MOST_ROWS).map((row): Probe => ({ persona, sql: insert(relation, row) }));
    const claimed: Claimed = { relation: relation.name, column, verb: 'insert', value, row: {} };
    if (probes.length > 0) yield trial(scene, relation, persona, claimed, probes);
  }
}

function* updates(scene: Scene, relation: Relation, persona: Persona): Iterable<Trial> {
  if (isClosed(scene.catalog, relation, persona.role, 'update')) return;
  const granted = columnsWith(scene.catalog, relation, persona.role, 'UPDATE');
  const other = scene.world.circles.b.lead === persona.user ? scene.world.circles.a.lead : scene.world.circles.b.lead;
  for (const { column, value, before } of decisionsOf(scene, relation, granted, other)) {
    const row = ownRows(scene, relation, persona.user ?? '').find(
      ({ values }) =>
        isOnlyTheirs(scene, relation, values, persona, column) && !rules(scene, relation, values, persona),
    );
    if (!row) continue;
    const key = where(relation, row.key);
    const given = quietly(update(relation, { [column]: before }) + key);
    const sql = update(relation, { [column]: value }) + key;
    const claimed: Claimed = { relation: relation.name, column, verb: 'update', value, row: row.key };
    yield trial(scene, relation, persona, claimed, [{ persona, sql, given }]);
  }
}

/** Named in it besides the decision, and nobody else: whoever made the request does not decide on it. */
function isOnlyTheirs(
  scene: Scene,
  relation: Relation,
  values: { readonly [column: string]: Json },
  persona: Persona,
  decision: string,
): boolean {
  const named = namedIn(scene, relation.name, { ...values, [decision]: null });
  return named.length > 0 && named.every((user) => user === persona.user);
}

function trial(scene: Scene, relation: Relation, persona: Persona, claimed: Claimed, probes: readonly Probe[]): Trial {
  const name = `${relation.name}.${claimed.column}`;
  return {
    key: `${attack.id}:${claimed.verb}:${name}`,
    surface: { kind: 'relation', name: relation.name, verb: claimed.verb },
    persona,
    shape: 'watched',
    probes,
    judge: (observations) => {
      const at = observations.findIndex((one) => stood(claimed, one) && !isClaimApproved(scene, one, claimed));
      if (at < 0) return { state: 'held' };
      return {
        state: 'broken',
        expected: `${persona.name} does not say itself what ${name} records`,
        observed: `${persona.name} set ${name} to ${JSON.stringify(claimed.value)} in ${claimed.verb === 'insert' ? 'a new' : 'its own'} row`,
        columns: [name],
        at,
      };
    },
  };
}
