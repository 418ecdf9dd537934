/** Writes as one role and lets a deferred trigger run as another: before version 18 it sees the role of the commit. */

import { update, where } from '../../fixtures/act/sql.ts';
import { type Limit, limitsOf } from '../../fixtures/engine/guards.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import { ownRowOf } from '../../fixtures/engine/values.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { WorldRow } from '../../fixtures/model/world.ts';
import { outcomeOf } from '../../fixtures/oracles/outcome.ts';
import { ident } from '../../fixtures/wire/escape.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const STARS = `${NOTES} ${OWN_NOTES}
ALTER TABLE public.notes ADD COLUMN stars integer NOT NULL DEFAULT 0;
CREATE FUNCTION public.at_most_five() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN IF current_user = 'authenticated' AND NEW.stars > 5 THEN RAISE 'five stars at most'; END IF; RETURN NULL; END $$;`;

export const attack: Attack = {
  id: 'trigger-deferred-role',
  group: 'trigger',
  severity: 'low',
  reachable: 'database_only',
  title: 'lets a deferred trigger look at another role',
  explains:
    'A deferred trigger that asks current_user is asked at the commit, when the role may be another: the write is made as one role, and the bound that the trigger knows is checked as the other.',
  plants: [
    {
      platform: 'supabase',
      base: STARS,
      plant:
        'CREATE CONSTRAINT TRIGGER at_most_five AFTER INSERT OR UPDATE ON public.notes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.at_most_five();',
      repair: `DROP TRIGGER at_most_five ON public.notes;
CREATE TRIGGER at_most_five AFTER INSERT OR UPDATE ON public.notes FOR EACH ROW EXECUTE FUNCTION public.at_most_five();`,
    },
  ],
  repair: ({ name }) =>
    `-- make the trigger of ${name} again without INITIALLY DEFERRED, or let it ask auth.role() instead of current_user`,
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter(isOwnTable)) {
      for (const limit of limitsOf(scene.catalog, relation).filter((one) => asksRoleLate(scene, one))) {
        for (const persona of scene.attackers) {
          const own = ownRowOf(scene, relation.name, persona);
          const other = scene.attackers.find(({ role }) => role !== persona.role);
          if (own && other) yield trial(relation, limit, persona, own, other.role);
        }
      }
    }
  },
};

function asksRoleLate({ catalog }: Scene, { trigger }: Limit): boolean {
  const body = catalog.routines.find(({ name }) => name === trigger.routine)?.body ?? '';
  return /INITIALLY DEFERRED/i.test(trigger.definition) && /\bcurrent_(user|role)\b/i.test(body);
}

function trial(
  relation: Relation,
  { trigger, column, beyond }: Limit,
  persona: Persona,
  own: WorldRow,
  role: string,
): Trial {
  const act = update(relation, { [column.name]: beyond }) + where(relation, own.key);
  const then = `SET LOCAL ROLE ${ident(role)}`;
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'update' },
    persona,
    shape: 'watched',
    probes: [
      { persona, sql: act },
      { persona, first: [act, then], sql: 'SET CONSTRAINTS ALL IMMEDIATE' },
    ],
    judge: ([plain, shifted]) => {
      if (!plain || !shifted || outcomeOf(plain) !== 'refused') return { state: 'held' };
      if (shifted.error || (shifted.changes ?? []).length === 0) return { state: 'held' };
      return {
        state: 'broken',
        at: 1,
        expected: `${trigger.name} judges what ${persona.role} wrote, whoever commits it`,
        observed: `${persona.name} set ${column.name} to ${beyond}, which ${trigger.name} refuses, and became ${role} before it was asked`,
        columns: [`${relation.name}.${column.name}`],
      };
    },
  };
}
