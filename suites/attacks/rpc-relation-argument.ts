/** Names every table to routines that take a table's name. */

import { DYNAMIC, says } from '../../fixtures/engine/code.ts';
import { holdsRows } from '../../fixtures/engine/scene.ts';
import { grounds, isDefiner, variedTrial, withValue } from '../../fixtures/engine/variations.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Argument, Routine } from '../../fixtures/model/catalog.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const LINES_OF = (guard: string) => `
CREATE OR REPLACE FUNCTION public.lines_of(p_what text) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  ${guard}
  RETURN QUERY EXECUTE format('SELECT x::text FROM public.%I AS x', p_what);
END $$;
CREATE TABLE IF NOT EXISTS public.colours (name text PRIMARY KEY);`;

export const attack: Attack = {
  id: 'rpc-relation-argument',
  group: 'rpc',
  severity: 'critical',
  title: 'reads tables of its choice through a routine',
  explains:
    'Arguments that hold a relation, or a text that is put into a statement, are the name of each table in turn, bare and with its schema.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: LINES_OF(''),
      repair: LINES_OF(`IF p_what <> 'colours' THEN RAISE 'no such list' USING ERRCODE = '42501'; END IF;`),
    },
  ],
  *trials(scene) {
    const names = namesOf(scene);
    for (const ground of grounds(scene, (routine) => takesNames(scene, routine))) {
      const [call] = ground.calls;
      if (!call) continue;
      for (const [at, argument] of ground.routine.arguments.entries()) {
        if (!mayName(argument)) continue;
        const values = argument.baseType === 'regclass' ? names.filter((name) => name.includes('.')) : names;
        const varied = values.map((name) => withValue(call, at, name));
        yield variedTrial(scene, ground, withValue(call, at, 'rowproof'), varied);
      }
    }
  },
};

function takesNames(scene: Scene, routine: Routine): boolean {
  return routine.arguments.some(mayName) && isDefiner(scene)(routine) && says(scene.catalog, routine, DYNAMIC);
}

function mayName({ baseType, category }: Argument): boolean {
  return baseType === 'regclass' || category === 'S';
}

/** Tables worth reading: those in which rows of somebody stand. */
function namesOf({ catalog, world }: Scene): readonly string[] {
  const somebodys = new Set<string>(
    world.rows.filter(({ related }) => related.length > 0).map(({ relation }) => relation),
  );
  return catalog.relations
    .filter((relation) => holdsRows(relation) && somebodys.has(relation.name))
    .slice(0, MOST_TABLES)
    .flatMap(({ name, relname }) => [relname, name]);
}

const MOST_TABLES = 12;
