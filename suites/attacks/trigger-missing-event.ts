/** Reaches by one event what a trigger refuses at another: a guard on INSERT that does not look at UPDATE. */

import { insert, update, where } from '../../fixtures/act/sql.ts';
import { covers, type Limit, limitsOf } from '../../fixtures/engine/guards.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import { ownRowOf } from '../../fixtures/engine/values.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import type { WorldRow } from '../../fixtures/model/world.ts';
import { outcomeOf } from '../../fixtures/oracles/outcome.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const STARS = `${NOTES} ${OWN_NOTES}
ALTER TABLE public.notes ADD COLUMN stars integer NOT NULL DEFAULT 0;
CREATE FUNCTION public.at_most_five() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN IF NEW.stars > 5 THEN RAISE 'five stars at most'; END IF; RETURN NEW; END $$;`;

const GUARD = (events: string) =>
  `CREATE TRIGGER at_most_five BEFORE ${events} ON public.notes FOR EACH ROW EXECUTE FUNCTION public.at_most_five();`;

export const attack: Attack = {
  id: 'trigger-missing-event',
  group: 'trigger',
  severity: 'medium',
  title: 'passes by a trigger that looks at another event only',
  explains:
    'A bound that a trigger’s function compares a new number with is crossed by INSERT and by UPDATE. Where one is refused and the other is not, the trigger is missing an event.',
  plants: [
    {
      platform: 'supabase',
      base: STARS,
      plant: GUARD('INSERT'),
      repair: `DROP TRIGGER at_most_five ON public.notes; ${GUARD('INSERT OR UPDATE')}`,
    },
  ],
  repair: ({ name }) =>
    `-- make the trigger again, BEFORE INSERT OR UPDATE ON ${name}; or say the bound as a CHECK constraint, which holds for every event`,
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter(isOwnTable)) {
      for (const limit of limitsOf(scene.catalog, relation)) {
        if (covers(limit.trigger, 'insert', limit.column) === covers(limit.trigger, 'update', limit.column)) continue;
        for (const persona of scene.attackers) {
          const own = ownRowOf(scene, relation.name, persona);
          if (own) yield trial(scene, relation, limit, persona, own);
        }
      }
    }
  },
};

const MOST_ROWS = 4;

function trial(scene: Scene, relation: Relation, limit: Limit, persona: Persona, own: WorldRow): Trial {
  const { column, beyond, within } = limit;
  const rows = rowsToInsert(scene, relation, persona).slice(0, MOST_ROWS);
  const inserts = (value: number) => rows.map((row) => insert(relation, { ...row, [column.name]: value }));
  const updates = (value: number) => [update(relation, { [column.name]: value }) + where(relation, own.key)];
  const [guarded, open] = covers(limit.trigger, 'insert', column) ? [inserts, updates] : [updates, inserts];
  const texts = [guarded(beyond), guarded(within), open(beyond)];
  const [refused, allowed] = [texts[0]?.length ?? 0, (texts[0]?.length ?? 0) + (texts[1]?.length ?? 0)];
  return {
    surface: { kind: 'relation', name: relation.name, verb: guarded === inserts ? 'update' : 'insert' },
    persona,
    shape: 'watched',
    probes: texts.flat().map((sql) => ({ persona, sql })),
    judge: (observations) => judge(relation, limit, persona, observations, refused, allowed),
  };
}

/** `refused` and `allowed`: where the acts within the bound, and those by the other event, begin. */
function judge(
  relation: Relation,
  { trigger, column, beyond }: Limit,
  { name }: Persona,
  observations: readonly Observation[],
  refused: number,
  allowed: number,
): Verdict {
  const guards = observations
    .slice(0, refused)
    .some((observation, at) => outcomeOf(observation) === 'refused' && isDone(observations[refused + at]));
  const crossed = observations.slice(0, refused).some(isDone);
  const at = observations.findIndex((observation, place) => place >= allowed && isDone(observation));
  if (!guards || crossed || at < 0) return { state: 'held' };
  return {
    state: 'broken',
    at,
    expected: `${relation.name}.${column.name} stays within what ${trigger.name} allows, whatever the event`,
    observed: `${name} set ${column.name} to ${beyond}, which ${trigger.name} refuses at ${trigger.events.join(' and ').toUpperCase()}`,
    columns: [`${relation.name}.${column.name}`],
  };
}

function isDone(observation: Observation | undefined): boolean {
  return observation !== undefined && observation.error === null && (observation.count ?? 0) > 0;
}
