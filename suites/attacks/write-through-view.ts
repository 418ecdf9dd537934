/** Writes through views: what PostgreSQL passes on to the table runs with the view's rights. */

import { insert, remove, update } from '../../fixtures/act/sql.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { otherValue, victimOf } from '../../fixtures/engine/values.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation, Verb } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { judgeEach, worstOf } from '../../fixtures/oracles/trial.ts';
import { judgeForeignChanges, judgeForgery } from '../../fixtures/oracles/writing.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

/** SQLSTATE of a view that passes no writes on. */
const NOT_UPDATABLE = '55000';
const NOT_NULL = '23502';

export const attack: Attack = {
  id: 'write-through-view',
  group: 'table write',
  severity: 'high',
  title: 'writes rows of somebody else through a view',
  explains:
    'A view without security_invoker writes as its owner, past the table’s policies; its own WHERE hides rows but accepts new ones outside, unless it has a CHECK OPTION.',
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
  ],
  *trials(scene) {
    for (const view of scene.catalog.relations.filter(({ kind, platform }) => kind === 'view' && !platform)) {
      const tables = scene.catalog.relations.filter(
        ({ name, kind }) => kind === 'table' && view.basedOn.includes(name),
      );
      const [table] = tables;
      if (!table || tables.length > 1) continue;
      for (const persona of scene.attackers) yield* trials(scene, view, table, persona);
    }
  },
};

function* trials(scene: Scene, view: Relation, table: Relation, persona: Persona): Iterable<Trial> {
  const statements: readonly (readonly [Verb, readonly string[]])[] = [
    ['update', updates(scene, view, table, persona)],
    ['delete', [remove(view), `${remove(view)} WHERE true`]],
    [
      'insert',
      holdsAllThatIsNeeded(view, table)
        ? rowsToInsert(scene, table, persona).map((values) => insert(view, values))
        : [],
    ],
  ];
  for (const [verb, texts] of statements) {
    if (texts.length === 0) continue;
    yield {
      surface: { kind: 'relation', name: view.name, verb },
      persona,
      shape: 'watched',
      probes: texts.map((sql) => ({ persona, sql })),
      judge: (observations) => {
        const telling = observations.filter((observation) => !isNoMatterOfAccess(view, observation));
        if (telling.length === 0) return { state: 'held' };
        const verdict = judgeEach(telling, (observation) =>
          worstOf([judgeForeignChanges(scene, observation), judgeForgery(scene, table.name, observation)]),
        );
        if (verdict.state !== 'broken') return verdict;
        return { ...verdict, at: observations.findIndex((observation) => observation === telling[verdict.at ?? 0]) };
      },
    };
  }
}

/** The view passes no writes on, or the row lacks what the view cannot give it. */
function isNoMatterOfAccess(view: Relation, { error }: Observation): boolean {
  if (error === null) return false;
  const hidden = !view.columns.some(({ name }) => name === error.column);
  return error.sqlstate === NOT_UPDATABLE || (error.sqlstate === NOT_NULL && hidden);
}

/** Without a column that must be given, no row can be made through the view at all. */
function holdsAllThatIsNeeded(view: Relation, table: Relation): boolean {
  const shown = new Set(view.columns.map(({ name }) => name));
  return table.columns.every(
    (column) =>
      shown.has(column.name) ||
      !column.notNull ||
      column.default !== null ||
      column.identity !== '' ||
      column.generated,
  );
}

function updates(scene: Scene, view: Relation, table: Relation, persona: Persona): readonly string[] {
  const victim = victimOf(scene, table.name, persona);
  if (!victim) return [];
  const granted = columnsWith(scene.catalog, view, persona.role, 'UPDATE');
  // One value for every row is no value for a key.
  const keys = new Set(table.indexes.filter(({ unique }) => unique).flatMap(({ columns }) => columns));
  const shown = table.columns.filter(
    ({ name }) => !keys.has(name) && view.columns.some((column) => column.name === name),
  );
  return shown
    .filter(({ name }) => granted.length === 0 || granted.includes(name))
    .flatMap((column) => {
      const value = otherValue(scene, table, column, victim);
      return value === undefined ? [] : [`${update(view, { [column.name]: value })} WHERE true`];
    });
}
