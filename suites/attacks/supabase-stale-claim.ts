/** Comes with a token that still names a tenant which the caller is no member of. */

import { claiming } from '../../fixtures/act/personas.ts';
import { selectFor } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import { withClaim } from '../../fixtures/model/claims.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { readComparisons } from '../../fixtures/populate/comparisons.ts';

const CLUBS = `
CREATE TABLE public.club_people (club int NOT NULL, person uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE, PRIMARY KEY (club, person));
ALTER TABLE public.club_people ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own" ON public.club_people FOR SELECT TO authenticated USING (person = auth.uid());
CREATE TABLE public.minutes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, club int NOT NULL, body text NOT NULL);
ALTER TABLE public.minutes ENABLE ROW LEVEL SECURITY;`;

export const attack: Attack = {
  id: 'supabase-stale-claim',
  group: 'platform',
  severity: 'low',
  title: 'is served by a token that names a tenant they do not belong to',
  explains:
    'A token keeps its claims until it ends. Where a policy believes a claim although the project keeps a list of members, somebody who was removed from the list is served as long as their token lives: somebody who was never on it comes with the claim.',
  plants: [
    {
      platform: 'supabase',
      base: CLUBS,
      plant: `CREATE POLICY "club" ON public.minutes FOR SELECT TO authenticated USING (club = (auth.jwt() -> 'app_metadata' ->> 'club')::int);`,
      repair: `ALTER POLICY "club" ON public.minutes USING (club IN (SELECT p.club FROM public.club_people AS p WHERE p.person = auth.uid()));`,
    },
  ],
  *trials(scene) {
    const stranger = scene.attackers.find(({ circle, user }) => circle === null && user !== null);
    if (scene.platform !== 'supabase' || !stranger) return;
    for (const { relation: name, column, caller } of readComparisons(scene.catalog).withCaller) {
      const relation = scene.catalog.relations.find((one) => one.name === name);
      if (caller.kind !== 'claim' || caller.claim === 'email' || !relation || relation.platform) continue;
      if (isListed(scene, relation, column)) yield trial(scene, relation, column, caller.claim, stranger);
    }
  },
};

/** Whether another table says which people belong to the values of the column: under its name, or by the same reference. */
function isListed({ catalog, world }: Scene, relation: Relation, column: string): boolean {
  const target = targetOf(relation, column);
  return catalog.relations.some((one) => {
    const people = (world.identity.get(one.name) ?? []).map((identity) => identity.column);
    const places = one.columns.filter(({ name }) => !people.includes(name));
    return (
      one !== relation &&
      !one.platform &&
      people.length > 0 &&
      places.some(({ name }) => name === column || (target !== null && targetOf(one, name) === target))
    );
  });
}

function targetOf({ constraints }: Relation, column: string): string | null {
  return (
    constraints.find(({ columns, references }) => references && columns.includes(column))?.references?.relation ?? null
  );
}

function trial(scene: Scene, relation: Relation, column: string, claim: string, stranger: Persona): Trial {
  const values = rowsOf(scene, relation.name).map((row) => row.values[column] ?? null);
  const named = [...new Set(values.filter((value) => value !== null).map(String))].slice(0, 2);
  const holders = named.map((value) => holding(stranger, claim, value));
  const probes = [stranger, ...holders].map((persona) => ({
    persona,
    sql: selectFor(scene.catalog, relation, persona),
  }));
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'select' },
    persona: stranger,
    shape: 'rolled back',
    probes,
    judge: (observations) => judge(relation, claim, observations),
  };
}

function holding(person: Persona, claim: string, value: string): Persona {
  return claiming(person, (token) => withClaim(token, claim, value));
}

function judge(relation: Relation, claim: string, [plain, ...held]: readonly Observation[]): Verdict {
  const usual = plain?.rows.length ?? 0;
  const at = held.findIndex(({ error, rows }) => error === null && rows.length > usual);
  if (at < 0) return { state: 'held' };
  return {
    state: 'broken',
    expected: `who is on no list of members sees no row of ${relation.name}`,
    observed: `somebody on no list of members saw ${(held[at]?.rows.length ?? 0) - usual} rows of ${relation.name}, because ${claim} was still in their token`,
    columns: [],
    at: at + 1,
  };
}
