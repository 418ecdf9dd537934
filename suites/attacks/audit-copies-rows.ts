/** Changes rows that others cannot read, and lets those others look at the log of it. */

import { remove, update, where } from '../../fixtures/act/sql.ts';
import { isClosed } from '../../fixtures/engine/closed.ts';
import { watchedEvents } from '../../fixtures/engine/logged-acts.ts';
import { writersOf } from '../../fixtures/engine/loggers.ts';
import { isGuarded, isOwnTable, selectFor } from '../../fixtures/engine/scene.ts';
import { ownRowOf } from '../../fixtures/engine/values.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { WorldRow } from '../../fixtures/model/world.ts';
import { copyShown, isLog } from '../../fixtures/oracles/logging.ts';
import { concerns, isPublished, isReadable } from '../../fixtures/oracles/ownership.ts';
import { judgeEach } from '../../fixtures/oracles/trial.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const KEPT = `${NOTES} ${OWN_NOTES}
CREATE TABLE public.notes_history (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note_id uuid NOT NULL, before jsonb NOT NULL);
ALTER TABLE public.notes_history ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION public.keep_note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO public.notes_history (note_id, before) VALUES (OLD.id, to_jsonb(OLD));
  RETURN NULL;
END $$;
CREATE TRIGGER keep AFTER UPDATE OR DELETE ON public.notes FOR EACH ROW EXECUTE FUNCTION public.keep_note();`;

const READ = (test: string) => `
DROP POLICY IF EXISTS r ON public.notes_history;
CREATE POLICY r ON public.notes_history FOR SELECT TO authenticated USING (${test});`;

export const attack: Attack = {
  id: 'audit-copies-rows',
  group: 'trigger',
  severity: 'high',
  title: 'reads in a log what it cannot read in the table',
  explains:
    'A log or history that keeps the texts of rows needs the rules of those rows. Each owner changes and removes a row that others cannot read; whoever then finds its texts in a log behind row security reads past the table’s rules. A log without row security is told of by read-foreign-row.',
  plants: [
    {
      platform: 'supabase',
      base: KEPT,
      plant: READ('true'),
      repair: READ('note_id IN (SELECT id FROM public.notes WHERE owner_id = auth.uid())'),
    },
  ],
  *trials(scene) {
    for (const log of scene.catalog.relations.filter((relation) => isGuarded(relation) && isLog(relation))) {
      const keepers = writersOf(scene, log).map(({ name }) => name);
      const kept = scene.catalog.relations.filter((relation) =>
        scene.catalog.triggers.some((one) => one.relation === relation.name && keepers.includes(one.routine)),
      );
      for (const relation of kept.filter((one) => isOwnTable(one) && one.name !== log.name))
        yield* trials(scene, log, relation);
    }
  },
};

/** Each row's owner acts once for each of the others who may look. */
function* trials(scene: Scene, log: Relation, relation: Relation): Iterable<Trial> {
  for (const owner of scene.attackers.filter(({ user, circle }) => user !== null && circle !== null)) {
    const row = ownRowOf(scene, relation.name, owner);
    const texts = row ? acts(scene, relation, owner, row) : [];
    if (!row || texts.length === 0) continue;
    for (const reader of scene.attackers) {
      const hidden =
        reader.circle !== owner.circle &&
        !concerns(row, reader) &&
        !isReadable(scene, reader, row) &&
        !isPublished(scene, reader, row);
      if (hidden && !isClosed(scene.catalog, log, reader.role, 'select'))
        yield trial(scene, { log, relation, owner, reader, row, texts });
    }
  }
}

const FRESH = 'rowproof was here';

interface Copying {
  readonly log: Relation;
  readonly relation: Relation;
  readonly owner: Persona;
  readonly reader: Persona;
  readonly row: WorldRow;
  /** What the owner does to the row. */
  readonly texts: readonly string[];
}

function trial(scene: Scene, { log, relation, owner, reader, row, texts }: Copying): Trial {
  const then = { persona: reader, sql: selectFor(scene.catalog, log, reader) };
  return {
    surface: { kind: 'relation', name: log.name, verb: 'select' },
    persona: reader,
    shape: 'watched',
    probes: texts.map((sql): Probe => ({ persona: owner, sql, then })),
    judge: (observations) =>
      judgeEach(observations, (observation) => {
        if (observation.error !== null || !copyShown(observation, row, FRESH)) return { state: 'held' };
        return {
          state: 'broken',
          expected: `${reader.name} reads in ${log.name} no texts of rows of ${relation.name} that it cannot read there`,
          observed: `${owner.name} changed a row of ${relation.name} that ${reader.name} cannot read, and ${reader.name} read its texts in ${log.name}`,
          columns: [],
        };
      }),
  };
}

/** A text of the row's own is written, and the row removed. */
function acts(scene: Scene, relation: Relation, owner: Persona, row: WorldRow): readonly string[] {
  const key = where(relation, row.key);
  const granted = columnsWith(scene.catalog, relation, owner.role, 'UPDATE');
  const events = watchedEvents(scene, relation);
  const texts = relation.columns.filter(
    ({ name, category, labels, generated }) =>
      granted.includes(name) && category === 'S' && labels === null && !generated && !(name in row.key),
  );
  return [
    ...(events.includes('update')
      ? texts.slice(0, 3).map(({ name }) => update(relation, { [name]: FRESH }) + key)
      : []),
    ...(events.includes('delete') ? [remove(relation) + key] : []),
  ];
}
