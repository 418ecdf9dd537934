/** Writes entries into a log that triggers or functions keep, as if those had written them. */

import { insert } from '../../fixtures/act/sql.ts';
import { isSealed, writersOf } from '../../fixtures/engine/loggers.ts';
import { bystanders } from '../../fixtures/engine/people.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { worthTrying } from '../../fixtures/engine/sampling.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { isForgedEntry, isLog } from '../../fixtures/oracles/logging.ts';
import { isBelowOwn } from '../../fixtures/oracles/parents.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const LOGGED = (rights: string) => `
CREATE OR REPLACE FUNCTION public.log_note() RETURNS trigger LANGUAGE plpgsql ${rights} SET search_path = '' AS $$
BEGIN
  INSERT INTO public.note_audit (note_id, action, actor) VALUES (coalesce(NEW.id, OLD.id), TG_OP, auth.uid()::text);
  RETURN NULL;
END $$;`;

const AUDITED = `${NOTES} ${OWN_NOTES}
CREATE TABLE public.note_audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  note_id uuid NOT NULL,
  action text NOT NULL,
  actor text NOT NULL
);
ALTER TABLE public.note_audit ENABLE ROW LEVEL SECURITY;`;

const ON_NOTES =
  'CREATE TRIGGER log AFTER INSERT OR UPDATE OR DELETE ON public.notes FOR EACH ROW EXECUTE FUNCTION public.log_note();';

export const attack: Attack = {
  id: 'audit-forgeable',
  group: 'trigger',
  severity: 'medium',
  title: 'writes entries into the log itself',
  explains:
    'A trigger that runs with the caller’s rights makes every client hold INSERT on the log, and a policy that lets anything in: then anybody adds entries of what never happened. Where columns of the log name people, write-forged-owner tries them; here no column of the entry is bound to the caller.',
  plants: [
    {
      platform: 'supabase',
      base: AUDITED,
      plant: `${LOGGED('SECURITY INVOKER')} ${ON_NOTES} CREATE POLICY w ON public.note_audit FOR INSERT TO authenticated WITH CHECK (true);`,
      repair: `${LOGGED('SECURITY DEFINER')} DROP POLICY w ON public.note_audit;`,
    },
  ],
  repair: ({ name }) =>
    `-- let the function that writes ${name} run with its owner’s rights (SECURITY DEFINER, with a search_path of its own), and nobody else:\nREVOKE INSERT, UPDATE, DELETE ON ${name} FROM PUBLIC;`,
  *trials(scene) {
    for (const log of scene.catalog.relations.filter((relation) => isOwnTable(relation) && isLog(relation))) {
      // Where rows can be changed as well, and nothing guards them, others tell of it.
      const open = !log.rowSecurity && !isSealed(scene, log);
      if (open || (scene.world.identity.get(log.name) ?? []).length > 0 || writersOf(scene, log).length === 0) continue;
      for (const persona of bystanders(scene.attackers)) {
        const rows = rowsToInsert(scene, log, persona).filter((row) => !isBelowOwn(scene, log, row, persona));
        if (rows.length > 0) yield trial(log, persona, worthTrying(scene, log, persona, 'insert', rows));
      }
    }
  },
};

function trial(log: Relation, persona: Persona, rows: ReturnType<typeof rowsToInsert>): Trial {
  return {
    surface: { kind: 'relation', name: log.name, verb: 'insert' },
    persona,
    shape: 'watched',
    probes: rows.map((row) => ({ persona, sql: insert(log, row) })),
    judge: (observations) => {
      const at = observations.findIndex((observation) => isForgedEntry(observation, log.name));
      if (at < 0) return { state: 'held' };
      return {
        state: 'broken',
        expected: `only what keeps ${log.name} adds entries to it`,
        observed: `${persona.name} added an entry to ${log.name} that nothing tells from a true one`,
        columns: [],
        at,
      };
    },
  };
}
