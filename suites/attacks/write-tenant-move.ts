/** Moves its own rows into a tenant that it is no part of, where no foreign key says so. */

import { select, update, where } from '../../fixtures/act/sql.ts';
import { isClosed } from '../../fixtures/engine/closed.ts';
import { doorsBehind } from '../../fixtures/engine/doors.ts';
import { naming, ownRows, quietly } from '../../fixtures/engine/own-rows.ts';
import { isGuarded } from '../../fixtures/engine/scene.ts';
import { type Scope, scopesOf } from '../../fixtures/engine/scopes.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import type { WorldRow } from '../../fixtures/model/world.ts';
import { type Claimed, described, isClaimApproved, opened, stood } from '../../fixtures/oracles/escalating.ts';

const CLUBS = `
CREATE TABLE public.club_members (club_id int NOT NULL, user_id uuid NOT NULL REFERENCES auth.users (id), PRIMARY KEY (club_id, user_id));
CREATE TABLE public.dues (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  club_id int NOT NULL,
  payer_id uuid NOT NULL REFERENCES auth.users (id),
  note text
);
ALTER TABLE public.club_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.dues ENABLE ROW LEVEL SECURITY;
CREATE POLICY s ON public.club_members FOR SELECT TO authenticated USING (user_id = auth.uid());
CREATE POLICY s ON public.dues FOR SELECT TO authenticated USING (
  payer_id = auth.uid() OR EXISTS (SELECT FROM public.club_members m WHERE m.club_id = dues.club_id AND m.user_id = auth.uid()));`;

export const attack: Attack = {
  id: 'write-tenant-move',
  group: 'table write',
  severity: 'medium',
  title: 'moves its rows into somebody else’s tenant',
  explains:
    'UPDATE of each column of an own row that names a group of people (org, team, workspace…), set to a group that the persona does not belong to; by key and bare. A policy that asks for the owner alone lets the group be chosen. Where a foreign key names the group, write-foreign-parent tries it.',
  plants: [
    {
      platform: 'supabase',
      base: CLUBS,
      plant: 'CREATE POLICY u ON public.dues FOR UPDATE TO authenticated USING (payer_id = auth.uid());',
      repair: `ALTER POLICY u ON public.dues WITH CHECK (payer_id = auth.uid() AND club_id IN (SELECT m.club_id FROM public.club_members m WHERE m.user_id = auth.uid()));`,
    },
  ],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter(isGuarded)) {
      const people = scene.attackers.filter(({ user, circle }) => user !== null && circle !== null);
      const [persona] = people.filter(({ role }) => !isClosed(scene.catalog, relation, role, 'update'));
      if (!persona) continue;
      const [row] = ownRows(scene, relation, persona.user ?? '');
      const granted = columnsWith(scene.catalog, relation, persona.role, 'UPDATE');
      for (const scope of row ? scopesOf(scene, relation, persona) : [])
        if (row && granted.includes(scope.column)) yield* moves(scene, relation, persona, row, scope);
    }
  },
};

function* moves(
  scene: Scene,
  relation: Relation,
  persona: Persona,
  row: WorldRow,
  { column, own, foreign }: Scope,
): Iterable<Trial> {
  const named = naming(scene, relation, row.values);
  const key = where(relation, named);
  const given = quietly(update(relation, { [column]: own }) + key);
  const move = update(relation, { [column]: foreign });
  const claimed: Claimed = { relation: relation.name, column, verb: 'update', value: foreign, row: named };
  const others = scene.attackers.filter(({ user, circle }) => user !== null && circle === 'b');
  const looks = others.map((other) => ({ persona: other, sql: select(relation, []) }));
  const doors = doorsBehind(scene, relation, column, persona);
  const acts = [move + key, move];
  yield {
    key: `${attack.id}:update:${relation.name}.${column}`,
    surface: { kind: 'relation', name: relation.name, verb: 'update' },
    persona,
    shape: 'watched',
    probes: [
      ...acts.flatMap((sql) => [{ persona, sql, given }, ...looks.map((then) => ({ persona, sql, given, then }))]),
      ...doors.flatMap(({ sql }) => [
        { persona, sql, given },
        ...acts.map((act) => ({ persona, sql, given, first: [act] })),
      ]),
    ],
    judge: (observations) => {
      const tried = observations.slice(0, acts.length * (1 + looks.length));
      const at = tried.findIndex((one) => stood(claimed, one) && !isClaimApproved(scene, one, claimed));
      if (at < 0) return { state: 'held' };
      const act = Math.floor(at / (1 + looks.length));
      const differences = doors.flatMap((door, place) => {
        const start = tried.length + place * (1 + acts.length);
        const [before, after] = [observations[start], observations[start + 1 + act]];
        return before && after ? [{ ...door, before, after }] : [];
      });
      return verdictOf(scene, claimed, observations, at, opened(differences));
    },
  };
}

function verdictOf(
  scene: Scene,
  claimed: Claimed,
  observations: readonly Observation[],
  at: number,
  gains: ReturnType<typeof opened>,
): Verdict {
  const name = observations[at]?.probe.persona.name ?? '';
  const column = `${claimed.relation}.${claimed.column}`;
  const made = `${name} set ${column} of its own row to that of people it has nothing to do with`;
  const base = {
    state: 'broken',
    expected: `${name} moves its rows only to where it belongs`,
    columns: [column],
  } as const;
  const [gain] = gains;
  if (gain) {
    const observed = `${made}, and may then ${gains.map((one) => described(scene, one)).join(', ')}`;
    return { ...base, observed, at: observations.indexOf(gain.after), severity: 'high' };
  }
  const seen = observations.findIndex(
    ({ aftermath, changes }) =>
      aftermath !== null &&
      (changes ?? []).some(({ after }) => aftermath.some((row) => JSON.stringify(row) === JSON.stringify(after))),
  );
  const who = observations[seen]?.probe.then?.persona.name;
  if (who !== undefined) return { ...base, observed: `${made}; ${who} sees it among their own`, at: seen };
  return { ...base, observed: `${made}, which nobody else can see`, at, severity: 'low' };
}
