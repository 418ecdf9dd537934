/** Writes into its own user_metadata whatever policies and functions ask of it, and looks what that opens. */

import { insert, remove, update } from '../../fixtures/act/sql.ts';
import { askedFor } from '../../fixtures/engine/asked.ts';
import { routinesIn } from '../../fixtures/engine/code.ts';
import { type Forgery, metadataForgeries } from '../../fixtures/engine/forgeries.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { isOwnTable, selectFor } from '../../fixtures/engine/scene.ts';
import { otherValue, victimOf } from '../../fixtures/engine/values.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation, Verb } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { mayExecute } from '../../fixtures/model/privilege.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Surface } from '../../fixtures/model/verdict.ts';
import { judgeGained } from '../../fixtures/oracles/gained.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { ident } from '../../fixtures/wire/escape.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const FORGEABLE = /user_meta_?data/i;
const VERBS = ['select', 'update', 'delete', 'insert'] as const satisfies readonly Verb[];

export const attack: Attack = {
  id: 'read-claim-user-metadata',
  group: 'table read',
  severity: 'critical',
  title: 'opens rows by editing their own user_metadata',
  explains:
    'Everybody signed in edits their own user_metadata; only app_metadata is the server’s. Each claim below user_metadata that a policy or function names is set to each value that it is compared with.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: `CREATE POLICY "support" ON public.notes FOR SELECT TO authenticated USING (auth.jwt() -> 'user_metadata' ->> 'desk' = 'support');`,
      repair: `ALTER POLICY "support" ON public.notes USING (auth.jwt() -> 'app_metadata' ->> 'desk' = 'support');`,
    },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: `
        CREATE FUNCTION public.is_editor() RETURNS boolean STABLE SECURITY DEFINER SET search_path = '' LANGUAGE sql
          AS $$ SELECT coalesce((SELECT (raw_user_meta_data ->> 'editor')::boolean FROM auth.users WHERE id = auth.uid()), false) $$;
        CREATE POLICY "editors" ON public.notes FOR SELECT TO authenticated USING (public.is_editor());`,
      repair: `
        CREATE OR REPLACE FUNCTION public.is_editor() RETURNS boolean STABLE SECURITY DEFINER SET search_path = '' LANGUAGE sql
          AS $$ SELECT coalesce((SELECT (raw_app_meta_data ->> 'editor')::boolean FROM auth.users WHERE id = auth.uid()), false) $$;`,
    },
  ],
  *trials(scene) {
    // A partner holds least besides the claim; who else is signed in would do as well.
    const persona = scene.attackers.find(({ user }) => user !== null);
    if (scene.platform !== 'supabase' || !persona) return;
    for (const relation of scene.catalog.relations.filter(isOwnTable)) yield* onTable(scene, relation, persona);
    for (const [name, rehearsal] of scene.calls) {
      const routine = scene.catalog.routines.find((one) => one.name === name);
      if (!routine || !mayExecute(scene.catalog, routine, persona.role)) continue;
      const texts = [routine.body, ...routinesIn(scene.catalog, routine.body).map(({ body }) => body)];
      const bare = `SELECT * FROM ${ident(routine.schema)}.${ident(routine.proname)}()`;
      const sql = rehearsal.state === 'happy' ? rehearsal.call.sql : routine.arguments.length === 0 ? bare : null;
      if (sql === null || routine.returns === 'trigger') continue;
      yield* trialsOf(scene, { kind: 'routine', name, verb: 'call' }, persona, texts, [sql]);
    }
  },
};

function* onTable(scene: Scene, relation: Relation, persona: Persona): Iterable<Trial> {
  for (const verb of VERBS) {
    const texts = askedFor(scene.catalog, relation, persona.role, verb);
    if (!texts.some((text) => FORGEABLE.test(text))) continue;
    const surface = { kind: 'relation', name: relation.name, verb } as const;
    const trials = [...trialsOf(scene, surface, persona, texts, statements(scene, relation, persona, verb))];
    yield* trials;
    // What opens the table for reading is mended together with the rest.
    if (trials.length > 0) return;
  }
}

function statements(scene: Scene, relation: Relation, persona: Persona, verb: Verb): readonly string[] {
  if (verb === 'select') return [selectFor(scene.catalog, relation, persona)];
  if (verb === 'delete') return [remove(relation)];
  if (verb === 'insert')
    return rowsToInsert(scene, relation, persona)
      .slice(0, 2)
      .map((row) => insert(relation, row));
  const row = victimOf(scene, relation.name, persona) ?? rowsOf(scene, relation.name)[0];
  if (!row) return [];
  const changes = relation.columns
    .filter(({ generated, identity, name }) => !generated && identity !== 'a' && !(name in row.key))
    .flatMap((column) => {
      const value = otherValue(scene, relation, column, row);
      return value === undefined ? [] : [update(relation, { [column.name]: value })];
    });
  return changes.slice(0, 1);
}

function* trialsOf(
  scene: Scene,
  surface: Surface,
  persona: Persona,
  texts: readonly string[],
  sqls: readonly string[],
): Iterable<Trial> {
  const forgeries = metadataForgeries(scene, persona, texts);
  for (const sql of forgeries.length === 0 ? [] : sqls) {
    const forged = ({ persona: who, given }: Forgery) => ({
      persona: who,
      sql,
      ...(given.length > 0 ? { given } : {}),
    });
    yield {
      surface,
      persona,
      shape: 'watched',
      probes: [{ persona, sql }, ...forgeries.map(forged)],
      judge: (observations) =>
        judgeGained(observations, {
          expected: `what ${persona.name} writes into their own user_metadata opens nothing`,
          who: `${persona.name}, with a user_metadata of their own making,`,
          surface: surface.name,
        }),
    };
  }
}
