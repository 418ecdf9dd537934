/** Writes through views: what PostgreSQL passes on to the table runs with the view's rights. */

import { insert, remove, update } from '../../fixtures/act/sql.ts';
import { columnsBehind, type Shown, tablesBehind, throughView } from '../../fixtures/engine/behind.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { otherValue, peopleFor, victimOf } from '../../fixtures/engine/values.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation, Verb } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { judgeEach, worstOf } from '../../fixtures/oracles/trial.ts';
import { judgeForeignChanges, judgeForgery, judgeGift } from '../../fixtures/oracles/writing.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

/** A view that passes no writes on, or a column that it computes. */
const NOT_UPDATABLE = ['55000', '0A000'];
const NOT_NULL = '23502';
const STILL_NEEDED = ['23503', '23001'];

const LABELS = `
CREATE TABLE public.labels (note_id uuid PRIMARY KEY REFERENCES public.notes (id), said text NOT NULL);
ALTER TABLE public.labels ENABLE ROW LEVEL SECURITY;
CREATE VIEW public.labelled WITH (security_invoker = on) AS
  SELECT n.id, n.body AS heading, l.said FROM public.notes AS n LEFT JOIN public.labels AS l ON l.note_id = n.id;`;

/** The view shows what its caller may see; the trigger believes whatever row it is given. */
const RELABEL = (filter: string) => `
CREATE OR REPLACE FUNCTION public.relabel() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE public.notes SET body = NEW.heading WHERE true ${filter};
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS relabel ON public.labelled;
CREATE TRIGGER relabel INSTEAD OF UPDATE ON public.labelled FOR EACH ROW EXECUTE FUNCTION public.relabel();`;

export const attack: Attack = {
  id: 'write-through-view',
  group: 'table write',
  severity: 'high',
  title: 'writes rows of somebody else through a view',
  explains:
    'A view without security_invoker writes as its owner, past the table’s policies; its own WHERE hides rows but accepts new ones outside, unless it has a CHECK OPTION. What an INSTEAD OF trigger does with a definer’s rights is looked at, too.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: 'CREATE VIEW public.my_notes AS SELECT id, owner_id, body FROM public.notes WHERE owner_id = auth.uid();',
      repair:
        'CREATE OR REPLACE VIEW public.my_notes WITH (security_barrier) AS SELECT id, owner_id, body FROM public.notes WHERE owner_id = auth.uid() WITH CASCADED CHECK OPTION;',
    },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: 'CREATE VIEW public.note_keys AS SELECT id FROM public.notes;',
      repair: 'ALTER VIEW public.note_keys SET (security_invoker = on);',
    },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES + LABELS,
      plant: RELABEL(''),
      repair: RELABEL('AND owner_id = auth.uid()'),
    },
  ],
  *trials(scene) {
    for (const view of scene.catalog.relations.filter((relation) => mayWriteMore(scene, relation))) {
      const tables = tablesBehind(scene.catalog, view);
      const shown = columnsBehind(scene.catalog, view);
      if (tables.length === 0) continue;
      for (const persona of scene.attackers) yield* trials(scene, { view, tables, shown }, persona);
    }
  },
};

/** Whatever an invoker's view passes on is asked of its tables, as if the caller had written there. */
function mayWriteMore({ catalog }: Scene, { name, kind, platform, securityInvoker }: Relation): boolean {
  const replaced = catalog.triggers.some(({ relation, timing }) => relation === name && timing === 'instead');
  return kind === 'view' && !platform && (!securityInvoker || replaced);
}

interface Door {
  readonly view: Relation;
  readonly tables: readonly Relation[];
  readonly shown: readonly Shown[];
}

function* trials(scene: Scene, door: Door, persona: Persona): Iterable<Trial> {
  const { view } = door;
  const statements: readonly (readonly [Verb, readonly string[]])[] = [
    ['update', updates(scene, door, persona)],
    ['delete', [remove(view), `${remove(view)} WHERE true`]],
    ['insert', inserts(scene, door, persona)],
  ];
  for (const [verb, all] of statements) {
    const texts = passesOn(scene, door, verb) ? all : all.slice(0, 1);
    if (texts.length === 0) continue;
    yield {
      surface: { kind: 'relation', name: view.name, verb },
      persona,
      shape: 'watched',
      probes: texts.map((sql) => ({ persona, sql })),
      judge: (observations) => {
        const telling = observations.filter((observation) => !isNoMatterOfAccess(view, observation));
        if (telling.length === 0) return { state: 'held' };
        const verdict = judgeEach(telling, (observation) => judge(scene, door, observation));
        if (verdict.state !== 'broken') return verdict;
        return { ...verdict, at: observations.findIndex((observation) => observation === telling[verdict.at ?? 0]) };
      },
    };
  }
}

function judge(scene: Scene, { view, tables }: Door, observation: Observation): Verdict {
  return worstOf([
    worse(judgeForeignChanges(scene, observation)),
    judgeGift(scene, observation),
    ...tables.map(({ name }) => judgeForgery(scene, name, observation)),
    judgeStopped(scene, view, tables, observation),
  ]);
}

/** Rows of somebody else changed are worth as much as if the table itself were open. */
function worse(verdict: Verdict): Verdict {
  return verdict.state === 'broken' ? { severity: 'critical', ...verdict } : verdict;
}

/** A bare DELETE that only a foreign key to one of the tables stopped had been let in, to rows of whomever. */
function judgeStopped(
  { catalog }: Scene,
  view: Relation,
  tables: readonly Relation[],
  { probe: { persona, sql }, error }: Observation,
): Verdict {
  const needed = catalog.relations.some(({ constraints }) =>
    constraints.some(
      ({ name, references }) =>
        name === error?.constraint && tables.some((table) => table.name === references?.relation),
    ),
  );
  const filtered = /\b(where|join|limit)\b/i.test(view.definition ?? '');
  if (!error || !STILL_NEEDED.includes(error.sqlstate) || !needed || filtered || !sql.startsWith('DELETE'))
    return { state: 'held' };
  return {
    state: 'broken',
    expected: `${persona.name} removes no row that does not concern them`,
    observed: `${persona.name} may remove every row that ${view.name} shows: nothing but the foreign key ${error.constraint} stopped it`,
    columns: [],
  };
}

/** One table alone, or a trigger that takes the rows instead; a rule shows itself at the first try. */
function passesOn({ catalog }: Scene, { view, tables }: Door, verb: Verb): boolean {
  return (
    tables.length === 1 ||
    catalog.triggers.some(
      ({ relation, timing, events }) =>
        relation === view.name && timing === 'instead' && events.some((event) => event === verb),
    )
  );
}

/** The view passes no writes on, or the row lacks what the view cannot give it. */
function isNoMatterOfAccess(view: Relation, { error }: Observation): boolean {
  if (error === null) return false;
  const hidden = !view.columns.some(({ name }) => name === error.column);
  return NOT_UPDATABLE.includes(error.sqlstate) || (error.sqlstate === NOT_NULL && hidden);
}

function inserts(scene: Scene, { view, tables, shown }: Door, persona: Persona): readonly string[] {
  return tables.flatMap((table) => {
    const seen = shown.filter((one) => one.table === table);
    if (tables.length === 1 && !holdsAllThatIsNeeded(seen, table)) return [];
    // What the other tables show of themselves stands beside it, as it would in any row of the view.
    const beside = tables
      .filter((other) => other !== table)
      .map((other) => throughView(shown, other, rowsOf(scene, other.name)[0]?.values ?? {}));
    return rowsToInsert(scene, table, persona).map((values) =>
      insert(view, Object.assign({}, ...beside, throughView(seen, table, values))),
    );
  });
}

/** Without a column that must be given, no row can be made through the view at all. */
function holdsAllThatIsNeeded(seen: readonly Shown[], table: Relation): boolean {
  const given = new Set(seen.map(({ source }) => source.name));
  return table.columns.every(
    (column) =>
      given.has(column.name) ||
      !column.notNull ||
      column.default !== null ||
      column.identity !== '' ||
      column.generated,
  );
}

/** Each column alone: people are replaced by people, all else by another legal value. */
function updates(scene: Scene, { view, shown }: Door, persona: Persona): readonly string[] {
  const granted = columnsWith(scene.catalog, view, persona.role, 'UPDATE');
  return shown
    .filter(({ column }) => granted.length === 0 || granted.includes(column.name))
    .flatMap(({ column, table, source }) => {
      const victim = victimOf(scene, table.name, persona) ?? rowsOf(scene, table.name)[0];
      // One value for every row is no value for a key.
      const key = table.indexes.some(({ unique, columns }) => unique && columns.includes(source.name));
      if (!victim || key) return [];
      const names = (scene.world.identity.get(table.name) ?? []).some((one) => one.column === source.name);
      const values = names ? peopleFor(scene, persona).slice(0, 3) : [otherValue(scene, table, source, victim)];
      return values.flatMap((value) =>
        value === undefined ? [] : [`${update(view, { [column.name]: value })} WHERE true`],
      );
    });
}
