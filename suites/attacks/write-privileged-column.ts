/** Sets columns of the persona's own row that say what it may do: role, plan, balance, verified… */

import { insert, update, where } from '../../fixtures/act/sql.ts';
import { isClosed } from '../../fixtures/engine/closed.ts';
import { type Door, doorsBehind } from '../../fixtures/engine/doors.ts';
import { type Lever, leversOf } from '../../fixtures/engine/levers.ts';
import { naming, newcomers, ownRows, quietly, rules } from '../../fixtures/engine/own-rows.ts';
import { isGuarded } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Observation, Probe } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import type { Json } from '../../fixtures/model/world.ts';
import { type Claimed, described, isClaimApproved, opened, stood } from '../../fixtures/oracles/escalating.ts';

const PEOPLE = `
CREATE TABLE public.people (
  id uuid PRIMARY KEY REFERENCES auth.users (id),
  nickname text,
  user_role text NOT NULL DEFAULT 'reader'
);
ALTER TABLE public.people ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION public.rules_here() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM public.people WHERE id = auth.uid() AND user_role = 'chief') $$;
CREATE POLICY s ON public.people FOR SELECT TO authenticated USING (id = auth.uid() OR public.rules_here());`;

const CREWS = `
CREATE TABLE public.crews (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), title text, open boolean NOT NULL DEFAULT true);
CREATE TABLE public.crew_members (
  crew_id uuid REFERENCES public.crews (id),
  user_id uuid REFERENCES auth.users (id),
  rank text NOT NULL DEFAULT 'hand' CHECK (rank IN ('hand', 'captain')),
  PRIMARY KEY (crew_id, user_id)
);
ALTER TABLE public.crews ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.crew_members ENABLE ROW LEVEL SECURITY;
CREATE POLICY s ON public.crews FOR SELECT TO authenticated USING (true);
CREATE POLICY s ON public.crew_members FOR SELECT TO authenticated USING (user_id = auth.uid());
CREATE POLICY d ON public.crews FOR DELETE TO authenticated USING (
  EXISTS (SELECT FROM public.crew_members m WHERE m.crew_id = id AND m.user_id = auth.uid() AND m.rank = 'captain'));`;

export const attack: Attack = {
  id: 'write-privileged-column',
  group: 'table write',
  severity: 'medium',
  title: 'gives itself more rights',
  explains:
    'UPDATE of each column of an own row that says what somebody may do, and INSERT of an own row that says more than its default. What the change opens is looked for in the same transaction: policies and routines that decide by the column.',
  plants: [
    {
      platform: 'supabase',
      base: PEOPLE,
      plant: 'CREATE POLICY u ON public.people FOR UPDATE TO authenticated USING (id = auth.uid());',
      repair: `
CREATE FUNCTION public.keep_rank() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.user_role := old.user_role; RETURN new; END $$;
CREATE TRIGGER keep_rank BEFORE UPDATE ON public.people FOR EACH ROW EXECUTE FUNCTION public.keep_rank();`,
    },
    {
      platform: 'supabase',
      base: PEOPLE,
      plant: 'CREATE POLICY u ON public.people FOR UPDATE TO authenticated USING (id = auth.uid());',
      repair:
        'REVOKE UPDATE ON public.people FROM authenticated; GRANT UPDATE (nickname) ON public.people TO authenticated;',
    },
    {
      platform: 'supabase',
      base: CREWS,
      plant: 'CREATE POLICY i ON public.crew_members FOR INSERT TO authenticated WITH CHECK (user_id = auth.uid());',
      repair: `ALTER POLICY i ON public.crew_members WITH CHECK (user_id = auth.uid() AND rank = 'hand' AND EXISTS (SELECT FROM public.crews c WHERE c.id = crew_id AND c.open));`,
    },
  ],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter(isGuarded)) {
      if ((scene.world.identity.get(relation.name) ?? []).length === 0) continue;
      for (const [insider, newcomer] of pairsOf(scene)) {
        yield* raises(scene, relation, insider);
        yield* appointments(scene, relation, newcomer);
      }
    }
  },
};

/** For each role one with rows, and one without. */
function pairsOf({ attackers }: Scene): readonly (readonly [Persona, Persona])[] {
  const named = attackers.filter(({ user }) => user !== null);
  return [...Map.groupBy(named, ({ role }) => role).values()].flatMap((some) => {
    const [first, last] = [some[0], some.findLast(({ circle }) => circle === null) ?? some.at(-1)];
    return first && last ? [[first, last] as const] : [];
  });
}

/** The persona's row, below no row that is the persona's to rule: one of the world, else one that the owner makes for it. */
function* raises(scene: Scene, relation: Relation, persona: Persona): Iterable<Trial> {
  if (isClosed(scene.catalog, relation, persona.role, 'update')) return;
  const own = ownRows(scene, relation, persona.user ?? '').find((one) => !rules(scene, relation, one.values, persona));
  const values = own?.values ?? newcomers(scene, relation, persona)[0];
  if (!values) return;
  const granted = columnsWith(scene.catalog, relation, persona.role, 'UPDATE');
  for (const lever of leversOf(scene, relation, values, granted)) {
    const humble = lever.before === undefined ? {} : { [lever.column.name]: lever.before };
    const row = naming(scene, relation, values);
    const key = where(relation, row);
    const changed = lever.before === undefined ? null : update(relation, humble) + key;
    const made = own ? changed : insert(relation, { ...values, ...humble });
    for (const value of lever.values) {
      const sql = update(relation, { [lever.column.name]: value });
      const claimed: Claimed = { relation: relation.name, column: lever.column.name, verb: 'update', value, row };
      yield trial(scene, relation, persona, {
        claimed,
        lever,
        given: made === null ? [] : quietly(made),
        acts: [sql + key, sql],
      });
    }
  }
}

/** A membership of something foreign, or one's only row, with more than its default. */
function* appointments(scene: Scene, relation: Relation, persona: Persona): Iterable<Trial> {
  if (isClosed(scene.catalog, relation, persona.role, 'insert')) return;
  const rows = newcomers(scene, relation, persona);
  const [values] = rows;
  if (!values) return;
  yield* offices(scene, relation, persona, rows);
  const granted = columnsWith(scene.catalog, relation, persona.role, 'INSERT');
  for (const lever of leversOf(scene, relation, values, granted).filter(isClaim)) {
    for (const value of lever.values) {
      const acts = rows.slice(0, MOST_ROWS).map((row) => insert(relation, { ...row, [lever.column.name]: value }));
      const instead = insert(relation, humbleRow(values, lever));
      const claimed: Claimed = { relation: relation.name, column: lever.column.name, verb: 'insert', value, row: {} };
      yield trial(scene, relation, persona, { claimed, lever, given: [], acts, instead });
    }
  }
}

/** Tables whose rows are an office, whatever else they say: `category_moderators`, `page_editors`. */
const OFFICES =
  /(^|_)(admins?|administrators?|moderators?|mods|staff|managers?|editors?|organi[sz]ers?|instructors?|superusers?|operators?)$/i;

/** Who is named there has the office. What else names people by these words, as a column of a shop's staff may, opens nothing. */
function* offices(scene: Scene, relation: Relation, persona: Persona, rows: readonly Row[]): Iterable<Trial> {
  const [own] = scene.world.identity.get(relation.name) ?? [];
  const column = relation.columns.find(({ name }) => name === own?.column);
  if (!OFFICES.test(relation.relname) || !column || persona.user === null) return;
  if (doorsBehind(scene, relation, column.name, persona).length === 0) return;
  const claimed: Claimed = {
    relation: relation.name,
    column: column.name,
    verb: 'insert',
    value: persona.user,
    row: {},
  };
  const lever: Lever = { column, before: undefined, values: [persona.user], why: 'read' };
  const acts = rows.slice(0, MOST_ROWS).map((row) => insert(relation, row));
  yield trial(scene, relation, persona, { claimed, lever, given: [], acts });
}

/** A new row is nobody's punishment: only what raises it above its default counts. */
function isClaim({ why, column, before }: Lever): boolean {
  const lifted = before === true || (typeof before === 'string' && !(column.default ?? '').includes(before));
  return why === 'privilege' && !(lifted && column.default !== null);
}

function humbleRow(values: { readonly [column: string]: Json }, { column, before }: Lever): typeof values {
  const rest = Object.entries(values).filter(([name]) => name !== column.name);
  return Object.fromEntries(before === undefined ? rest : [...rest, [column.name, before]]);
}

const MOST_ROWS = 2;

type Row = { readonly [column: string]: Json };

interface Try {
  readonly claimed: Claimed;
  readonly lever: Lever;
  readonly given: readonly string[];
  /** Each makes the change in its own way. */
  readonly acts: readonly string[];
  /** What anybody would do: the same row without the claim. */
  readonly instead?: string;
}

function trial(scene: Scene, relation: Relation, persona: Persona, tried: Try): Trial {
  const { claimed, given, acts, instead } = tried;
  const doors = doorsBehind(scene, relation, claimed.column, persona);
  const prepared = given.length === 0 ? {} : { given };
  const alone = acts.map((sql): Probe => ({ persona, sql, ...prepared }));
  const pairs = doors.flatMap(({ sql }): readonly Probe[] => [
    { persona, sql, ...prepared, ...(instead === undefined ? {} : { first: [instead] }) },
    ...acts.map((act): Probe => ({ persona, sql, ...prepared, first: [act] })),
  ]);
  return {
    // Each column is a hole of its own: closing one leaves the others.
    key: `${attack.id}:${claimed.verb}:${relation.name}.${claimed.column}`,
    surface: { kind: 'relation', name: relation.name, verb: claimed.verb },
    persona,
    shape: 'watched',
    probes: [...alone, ...pairs],
    judge: (observations) => judge(scene, tried, doors, observations),
  };
}

function judge(scene: Scene, tried: Try, doors: readonly Door[], observations: readonly Observation[]): Verdict {
  const { claimed, lever, acts } = tried;
  const at = acts.findIndex((_, place) => {
    const observation = observations[place];
    return observation !== undefined && stood(claimed, observation) && !isClaimApproved(scene, observation, claimed);
  });
  const [act] = observations;
  if (at < 0 || !act) return { state: 'held' };
  const { name } = act.probe.persona;
  const column = `${claimed.relation}.${claimed.column}`;
  const columns = [column];
  const made = `${name} set ${column} to ${spelled(claimed.value)}${claimed.verb === 'insert' ? ' in a row of its own making' : ' in its own row'}`;
  const width = 1 + acts.length;
  const differences = doors.flatMap((door, place) => {
    const start = acts.length + place * width;
    const [before, after] = [observations[start], observations[start + 1 + at]];
    return before && after ? [{ ...door, before, after }] : [];
  });
  const gains = opened(differences);
  const expected = `${name} cannot decide what ${column} says`;
  const [gain] = gains;
  if (gain) {
    const observed = `${made}, and may then ${gains.map((one) => described(scene, one)).join(', ')}`;
    const shown = observations.indexOf(gain.after);
    return {
      state: 'broken',
      expected,
      observed,
      columns,
      at: shown,
      severity: claimed.verb === 'insert' ? 'critical' : 'high',
    };
  }
  if (lever.why === 'privilege') return { state: 'broken', expected, observed: made, columns, at };
  return lever.why === 'maybe'
    ? { state: 'question', observed: `${made}: is that theirs to say?`, columns }
    : { state: 'held' };
}

function spelled(value: Json): string {
  return JSON.stringify(value);
}
