/** Reads every table whose policies, on the way through other tables or helpers, come back to it. */

import { askedFor } from '../../fixtures/engine/asked.ts';
import { isClosed } from '../../fixtures/engine/closed.ts';
import { isOwnTable, selectFor } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Catalog, Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { mentions } from '../../fixtures/model/text.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';

const CREW = `
CREATE TABLE public.crew (
  ship_id bigint NOT NULL,
  sailor_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  PRIMARY KEY (ship_id, sailor_id)
);
ALTER TABLE public.crew ENABLE ROW LEVEL SECURITY;`;

export const attack: Attack = {
  id: 'read-policy-recursion',
  group: 'table read',
  severity: 'medium',
  title: 'cannot read at all, because a policy calls itself',
  explains:
    'A policy that reads its own table, or a circle of tables, fails for everybody (42P17; through a helper, 54001). Nobody gets in, the application breaks, and the usual mend is to open the table to all.',
  plants: [
    {
      platform: 'supabase',
      base: CREW,
      plant: `CREATE POLICY "shipmates" ON public.crew FOR SELECT TO authenticated
        USING (EXISTS (SELECT 1 FROM public.crew AS mine WHERE mine.ship_id = crew.ship_id AND mine.sailor_id = auth.uid()));`,
      repair: `
        CREATE FUNCTION public.my_ships() RETURNS SETOF bigint STABLE SECURITY DEFINER SET search_path = '' LANGUAGE sql
          AS $$ SELECT ship_id FROM public.crew WHERE sailor_id = auth.uid() $$;
        ALTER POLICY "shipmates" ON public.crew USING (ship_id IN (SELECT public.my_ships()));`,
    },
    {
      platform: 'supabase',
      base: CREW,
      plant: `
        CREATE FUNCTION public.sails_on(ship bigint) RETURNS boolean STABLE LANGUAGE plpgsql
          AS $$ BEGIN RETURN EXISTS (SELECT 1 FROM public.crew WHERE ship_id = ship AND sailor_id = auth.uid()); END $$;
        CREATE POLICY "shipmates" ON public.crew FOR SELECT TO authenticated USING (public.sails_on(ship_id));`,
      repair: `ALTER FUNCTION public.sails_on(bigint) SECURITY DEFINER SET search_path = '';`,
    },
  ],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter((one) => isOwnTable(one) && one.rowSecurity)) {
      const roles = new Set<string>();
      for (const persona of scene.attackers.filter(({ user }) => user !== null)) {
        if (roles.has(persona.role) || isClosed(scene.catalog, relation, persona.role, 'select')) continue;
        roles.add(persona.role);
        if (comesBack(scene.catalog, relation, persona.role)) yield trial(scene, relation, persona);
      }
    }
  },
};

/** Whether reading the table asks, at some remove, the table itself. */
function comesBack(catalog: Catalog, relation: Relation, role: string): boolean {
  const seen = new Set<Relation>();
  const waiting = [relation];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const texts = [...askedFor(catalog, one, role, 'select'), one.definition ?? ''].join('\n');
    const next = catalog.relations.filter((other) => !other.platform && mentions(texts, other.relname));
    const asksItself = one !== relation || askedOutside(texts, relation);
    if (next.includes(relation) && asksItself) return true;
    for (const other of next.filter((each) => each !== relation && !seen.has(each))) {
      seen.add(other);
      waiting.push(other);
    }
  }
  return false;
}

/** A policy qualifies its own columns with the table's name; it reads the table only where a FROM or JOIN says so. */
function askedOutside(text: string, { relname }: Relation): boolean {
  return new RegExp(`\\b(from|join|into|update)\\s+\\(*\\s*(only\\s+)?("?\\w+"?\\.)?"?${relname}"?\\b`, 'i').test(text);
}

function trial(scene: Scene, relation: Relation, persona: Persona): Trial {
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'select' },
    persona,
    shape: 'rolled back',
    probes: [{ persona, sql: selectFor(scene.catalog, relation, persona) }],
    judge: ([observation]) => judge(relation, persona, observation),
  };
}

function judge(relation: Relation, persona: Persona, observation: Observation | undefined): Verdict {
  const sqlstate = observation?.error?.sqlstate ?? '';
  if (!['42P17', '54001'].includes(sqlstate)) return { state: 'held' };
  return {
    state: 'broken',
    expected: `${persona.name} reads the rows of ${relation.name} that the policies mean for them`,
    observed: `nobody of role ${persona.role} can read ${relation.name}: its policies call themselves (SQLSTATE ${sqlstate})`,
    columns: [relation.name],
  };
}
