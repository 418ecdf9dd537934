/** Writes as somebody, and reads in the log who is said to have done it. */

import { loggedActs, watchedEvents } from '../../fixtures/engine/logged-acts.ts';
import { loggedCalls } from '../../fixtures/engine/logged-calls.ts';
import { isSealed, isWrittenBy, posers, triggeredWriter } from '../../fixtures/engine/loggers.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation, Verb } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Surface, Verdict } from '../../fixtures/model/verdict.ts';
import { judgeEntries } from '../../fixtures/oracles/logging.ts';
import { judgeCalls } from '../../fixtures/oracles/trial.ts';
import { NOTES } from '../plants.ts';

/** Whoever keeps the shelf may put its notes right; a log is kept of it. */
const SHELVED = `
CREATE TABLE public.shelves (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), keeper_id uuid NOT NULL REFERENCES auth.users (id));
ALTER TABLE public.shelves ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.shelves FOR SELECT TO authenticated USING (keeper_id = auth.uid());
${NOTES}
ALTER TABLE public.notes ADD COLUMN shelf_id uuid NOT NULL REFERENCES public.shelves (id);
CREATE POLICY own ON public.notes TO authenticated
  USING (owner_id = auth.uid() OR shelf_id IN (SELECT id FROM public.shelves WHERE keeper_id = auth.uid()))
  WITH CHECK (shelf_id IN (SELECT id FROM public.shelves WHERE keeper_id = auth.uid()));
CREATE TABLE public.note_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  note_id uuid NOT NULL,
  action text NOT NULL,
  performed_by uuid
);
ALTER TABLE public.note_log ENABLE ROW LEVEL SECURITY;`;

const LOGGED = (performer: string) => `
CREATE OR REPLACE FUNCTION public.log_note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO public.note_log (note_id, action, performed_by) VALUES (coalesce(NEW.id, OLD.id), TG_OP, ${performer});
  RETURN NULL;
END $$;`;

const ON_NOTES =
  'CREATE TRIGGER log AFTER UPDATE OR DELETE ON public.notes FOR EACH ROW EXECUTE FUNCTION public.log_note();';

export const attack: Attack = {
  id: 'audit-false-performer',
  group: 'trigger',
  severity: 'medium',
  title: 'acts, and the log names somebody else',
  explains:
    'A log takes who did it from the row, from an argument or from a header instead of from the token. Rows that name several people are written by each who may, rows of others by those in office; the entry that comes about elsewhere must name the real caller. Whom an entry is about, and notices to somebody, are left alone.',
  plants: [
    {
      platform: 'supabase',
      base: SHELVED,
      plant: LOGGED('coalesce(NEW.owner_id, OLD.owner_id)') + ON_NOTES,
      repair: LOGGED('auth.uid()'),
    },
    {
      platform: 'supabase',
      base: SHELVED,
      plant:
        LOGGED(`coalesce((current_setting('request.headers', true)::json ->> 'x-user')::uuid, auth.uid())`) + ON_NOTES,
      repair: LOGGED('auth.uid()'),
    },
  ],
  repair: ({ kind, name }) =>
    `-- ${kind === 'routine' ? `in ${name}` : `in the trigger’s function on ${name}`}: who did it is (SELECT auth.uid()), whatever the row, an argument or a header says`,
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter(isOwnTable)) {
      for (const verb of watchedEvents(scene, relation)) {
        for (const persona of [...scene.attackers, ...scene.keepers].filter(({ user }) => user !== null))
          yield* written(scene, relation, verb, persona);
      }
    }
    for (const { routine, probes, touched } of loggedCalls(scene)) {
      const surface = { kind: 'routine', name: routine.name, verb: 'call' } as const;
      yield trial(scene, surface, probes, (verdict) =>
        isWrittenBy(scene, routine, logsIn(verdict)) ? verdict : byTrigger(scene, touched, verdict),
      );
    }
  },
};

const MOST_POSED = 3;

/** What the persona may do; and a few acts more in which it says that it is somebody else. */
function* written(scene: Scene, relation: Relation, verb: Verb, persona: Persona): Iterable<Trial> {
  const surface = { kind: 'relation', name: relation.name, verb } as const;
  const acts = loggedActs(scene, relation, persona, verb);
  if (acts.length > 0) yield trial(scene, surface, acts, (verdict) => byTrigger(scene, [relation.name], verdict));
  for (const poser of posers(scene, persona)) {
    const plain = loggedActs(scene, relation, poser.persona, verb).filter(({ given }) => given === undefined);
    const own = verb === 'insert' ? plain : plain.slice(0, MOST_POSED);
    if (own.length > 0)
      yield trial(scene, surface, own, (verdict) => ({
        ...byTrigger(scene, [relation.name], verdict),
        observed: `${verdict.observed}, as ${poser.by} says`,
        ...(poser.severity === 'low' ? { severity: 'low' as const } : {}),
      }));
  }
}

type Broken = Extract<Verdict, { readonly state: 'broken' }>;

/** The function of a trigger on the tables, where one wrote the entry. */
function byTrigger(scene: Scene, tables: readonly string[], verdict: Broken): Broken {
  const routine = triggeredWriter(scene, tables, logsIn(verdict));
  return routine === null ? verdict : { ...verdict, routine };
}

function logsIn({ columns }: Broken): readonly string[] {
  return columns.map((column) => column.slice(0, column.lastIndexOf('.')));
}

function trial(scene: Scene, surface: Surface, probes: readonly Probe[], told: (verdict: Broken) => Broken): Trial {
  const [{ persona }] = probes as readonly [Probe, ...Probe[]];
  return {
    surface,
    persona,
    shape: 'watched',
    probes,
    judge: (observations) => {
      const verdict = judgeCalls(observations, (one) =>
        judgeEntries(scene, surface.name, one, (log) => isSealed(scene, log)),
      );
      return verdict.state === 'broken' ? told(verdict) : verdict;
    },
  };
}
