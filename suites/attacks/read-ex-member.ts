/** Ends a membership without deleting its row, and looks whether the former member reads as before. */

import { remove, select, update, where } from '../../fixtures/act/sql.ts';
import { askedFor } from '../../fixtures/engine/asked.ts';
import { type Ending, endingsOf } from '../../fixtures/engine/endings.ts';
import { isOwnTable, selectFor } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { mentions } from '../../fixtures/model/text.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import type { WorldRow } from '../../fixtures/model/world.ts';
import { unique } from '../../fixtures/oracles/ownership.ts';
import {
  isMembership,
  isRecord,
  namesByProxy,
  parentKeys,
  personOf,
  pointingAt,
  rowsOf,
} from '../../fixtures/oracles/parents.ts';
import { holdsKey } from '../../fixtures/oracles/reading.ts';

const CLUBS = `
CREATE TABLE public.clubs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE public.club_members (
  club_id bigint NOT NULL REFERENCES public.clubs (id) ON DELETE CASCADE,
  person_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'left')),
  PRIMARY KEY (club_id, person_id)
);
CREATE TABLE public.minutes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  club_id bigint NOT NULL REFERENCES public.clubs (id) ON DELETE CASCADE,
  body text NOT NULL
);
ALTER TABLE public.clubs ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.club_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.minutes ENABLE ROW LEVEL SECURITY;
CREATE POLICY "mine" ON public.club_members FOR SELECT TO authenticated USING (person_id = auth.uid());`;

export const attack: Attack = {
  id: 'read-ex-member',
  group: 'table read',
  severity: 'high',
  title: 'still reads after the membership has ended',
  explains:
    'A membership has a state, and policies ask only whether the row is there. The member’s row is set to left, removed or expired; whatever the member still reads, and would not read without the row, is a leak.',
  plants: [
    {
      platform: 'supabase',
      base: CLUBS,
      plant: `CREATE POLICY "members" ON public.minutes FOR SELECT TO authenticated
        USING (EXISTS (SELECT 1 FROM public.club_members AS m WHERE m.club_id = minutes.club_id AND m.person_id = auth.uid()));`,
      repair: `ALTER POLICY "members" ON public.minutes
        USING (EXISTS (SELECT 1 FROM public.club_members AS m WHERE m.club_id = minutes.club_id AND m.person_id = auth.uid() AND m.status = 'active'));`,
    },
  ],
  *trials(scene) {
    const people = scene.attackers.filter(({ user, circle }) => user !== null && circle === 'a').slice(0, 2);
    for (const membership of scene.catalog.relations.filter(isOwnTable)) {
      const endings = endingsOf(scene, membership);
      if (endings.length === 0 || !isOfSomething(scene, membership)) continue;
      for (const persona of people) {
        const opened = openedBy(scene, membership, persona.role);
        const row = rowsOf(scene, membership.name).find((one) => namesMember(scene, membership, one, persona));
        if (row && opened.length > 0) yield trial(scene, membership, row, endings, opened, persona);
      }
    }
  },
};

const MOST_TABLES = 6;

const MEMBERSHIPS =
  /member|participa|collaborat|attend|enrol|employ|roster|assign|share|guest|access|relation(ship)?s?$|(org|organization|team|group|workspace|account|tenant|company|project)_users?|user_(org|organization|team|group|workspace|account|tenant|compan|project)/i;

/** A membership is of something: it names a person and points to more than people. A document that has an owner is none. */
function isOfSomething(scene: Scene, relation: Relation): boolean {
  const people = (scene.world.identity.get(relation.name) ?? []).map(({ column }) => column);
  const others = relation.columns.filter(({ name }) => /_(id|uuid|key)$/.test(name) && !people.includes(name));
  const keys = parentKeys(scene, relation);
  const records = keys.filter(({ references }) => isRecord(scene, references?.relation ?? ''));
  const leads = people.length > 0 ? keys.length > 0 || others.length > 0 : records.length > 0 && keys.length > 1;
  if (!leads) return false;
  return (
    MEMBERSHIPS.test(relation.relname) ||
    (Math.max(people.length, records.length) === 1 && isLeaf(scene, relation) && isMembership(scene, relation))
  );
}

/** What other rows hang from is a thing of its own: a conversation that is closed stays its people's. */
function isLeaf({ catalog }: Scene, { name }: Relation): boolean {
  return !catalog.relations.some(({ constraints }) =>
    constraints.some(({ references }) => references?.relation === name),
  );
}

/** Other tables, and itself, where reading asks the membership. */
function openedBy({ catalog }: Scene, { name, relname }: Relation, role: string): readonly Relation[] {
  return (
    catalog.relations
      .filter((one) => isOwnTable(one) && one.name !== name)
      .filter((one) => askedFor(catalog, one, role, 'select').some((text) => mentions(text, relname)))
      // What goes with the membership's row tells nothing about what that row opens.
      .filter((one) => !one.constraints.some(({ references }) => references?.relation === name))
      .slice(0, MOST_TABLES)
  );
}

/** By account, or by the record that stands for it. */
function namesMember(scene: Scene, relation: Relation, row: WorldRow, persona: Persona): boolean {
  const people = scene.world.identity.get(relation.name) ?? [];
  return (
    people.some(({ column }) => String(row.values[column]) === persona.user) ||
    namesByProxy(scene, relation, row.values, persona)
  );
}

/**
 * What else the row must say: nothing; or, where it relates two records (a patient to a practitioner), that one of them is
 * somebody else's. Whoever is both loses nothing by the end.
 */
function betweenTwo(scene: Scene, membership: Relation, persona: Persona): readonly WorldRow['values'][] {
  const records = parentKeys(scene, membership).filter(({ references }) => isRecord(scene, references?.relation ?? ''));
  if (records.length < 2) return [{}];
  return records.slice(0, 2).flatMap((key) => {
    const others = rowsOf(scene, key.references?.relation ?? '');
    const other = others.find((one) => !personOf(scene, one).includes(persona.user ?? ''));
    return other ? [pointingAt(key, other)] : [];
  });
}

function trial(
  scene: Scene,
  membership: Relation,
  row: WorldRow,
  endings: readonly Ending[],
  opened: readonly Relation[],
  persona: Persona,
): Trial {
  const gone = remove(membership) + where(membership, row.key);
  const between = betweenTwo(scene, membership, persona);
  const cases = opened.flatMap((relation) =>
    endings.flatMap((ending) => between.map((other) => ({ relation, ending, other }))),
  );
  const probes = cases.flatMap(({ relation, ending, other }) => {
    const sql = selectFor(scene.catalog, relation, persona) || select(relation, []);
    const over = update(membership, { ...other, [ending.column]: ending.value }) + where(membership, row.key);
    return [
      { persona, sql, given: [over] },
      { persona, sql, given: [gone] },
    ];
  });
  return {
    surface: { kind: 'relation', name: membership.name, verb: 'select' },
    persona,
    shape: 'watched',
    probes,
    judge: (observations) => judge(scene, membership, persona, cases, observations),
  };
}

function judge(
  scene: Scene,
  membership: Relation,
  persona: Persona,
  cases: readonly { readonly relation: Relation; readonly ending: Ending }[],
  observations: readonly Observation[],
): Verdict {
  const parents = parentKeys(scene, membership).map(({ references }) => references?.relation);
  const kept = cases.flatMap(({ relation, ending }, at) => {
    const [over, gone] = [observations[at * 2], observations[at * 2 + 1]];
    if (!over || !gone || over.error || gone.error) return [];
    // Whoever is invited may see to what.
    if (ending.kind === 'not yet' && parents.includes(relation.name)) return [];
    const rows = rowsOf(scene, relation.name).filter(
      (row) => shows(over, row) && !shows(gone, row) && row.related.length > 0,
    );
    return rows.length === 0 ? [] : [{ relation, ending, rows: rows.length, at: at * 2 }];
  });
  const first = kept.find(({ ending }) => ending.kind === 'over') ?? kept[0];
  if (!first) return { state: 'held' };
  const same = kept.filter(({ ending }) => ending === first.ending);
  const names = unique(same.map(({ relation }) => relation.name));
  return {
    state: 'broken',
    ...(first.ending.kind === 'not yet' ? { severity: 'medium' } : {}),
    expected: `${persona.name} loses what the membership opened when ${first.ending.column} is ${String(first.ending.value)}`,
    observed: `${persona.name} still saw rows of ${names.join(', ')} that only the row in ${membership.name} opens`,
    columns: names,
    at: first.at,
  };
}

function shows({ columns, rows }: Observation, row: WorldRow): boolean {
  return rows.some((cells) => holdsKey(row, columns, cells));
}
