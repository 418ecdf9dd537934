/** Writes with a trigger that somebody switched off, and again with it on: does it refuse what goes through now? */

import { insert, nameOf, remove, update, where } from '../../fixtures/act/sql.ts';
import { limitsOf } from '../../fixtures/engine/guards.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import { otherValue, ownRowOf } from '../../fixtures/engine/values.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation, Trigger } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import type { WorldRow } from '../../fixtures/model/world.ts';
import { outcomeOf } from '../../fixtures/oracles/outcome.ts';
import { ident } from '../../fixtures/wire/escape.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const KEEPS_OWNER = `${NOTES} ${OWN_NOTES}
ALTER TABLE public.notes ADD COLUMN sealed boolean NOT NULL DEFAULT false;
CREATE FUNCTION public.keep_seal() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN IF NEW.sealed IS DISTINCT FROM OLD.sealed THEN RAISE 'the seal stays as it is'; END IF; RETURN NEW; END $$;
CREATE TRIGGER keep_seal BEFORE UPDATE ON public.notes FOR EACH ROW EXECUTE FUNCTION public.keep_seal();`;

export const attack: Attack = {
  id: 'trigger-left-disabled',
  group: 'trigger',
  severity: 'medium',
  title: 'does what a disabled trigger would refuse',
  explains:
    'A migration switched a trigger off and never on again, or made it one for replicas. Writes to own rows are tried as things stand, and with the trigger switched on.',
  plants: [
    {
      platform: 'supabase',
      base: KEEPS_OWNER,
      plant: 'ALTER TABLE public.notes DISABLE TRIGGER keep_seal;',
      repair: 'ALTER TABLE public.notes ENABLE TRIGGER keep_seal;',
    },
  ],
  repair: ({ name }) => `ALTER TABLE ${name} ENABLE TRIGGER USER;`,
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter(isOwnTable)) {
      const off = scene.catalog.triggers.filter(
        (trigger) => trigger.relation === relation.name && ['D', 'R'].includes(trigger.enabled),
      );
      for (const trigger of off) {
        for (const persona of scene.attackers) {
          const own = ownRowOf(scene, relation.name, persona);
          if (own) yield trial(scene, relation, trigger, persona, own);
        }
      }
    }
  },
};

function trial(scene: Scene, relation: Relation, trigger: Trigger, persona: Persona, own: WorldRow): Trial {
  const on = `ALTER TABLE ${nameOf(relation)} ENABLE TRIGGER ${ident(trigger.name)}`;
  const texts = writes(scene, relation, trigger, persona, own);
  return {
    surface: { kind: 'relation', name: relation.name, verb: trigger.events[0] ?? 'update' },
    persona,
    shape: 'watched',
    probes: texts.flatMap((sql) => [
      { persona, sql },
      { persona, sql, given: [on] },
    ]),
    judge: (observations) => judge(relation, trigger, persona, observations),
  };
}

const MOST_ROWS = 4;

/** Legal writes to one's own row, and such as cross a bound that the trigger knows. */
function writes(
  scene: Scene,
  relation: Relation,
  trigger: Trigger,
  persona: Persona,
  own: WorldRow,
): readonly string[] {
  const limits = limitsOf(scene.catalog, relation).filter((limit) => limit.trigger === trigger);
  const rows = rowsToInsert(scene, relation, persona).slice(0, MOST_ROWS);
  const changes = relation.columns
    .filter(({ generated, identity }) => !generated && identity !== 'a')
    .flatMap((column) => {
      const beyond = limits.filter((limit) => limit.column === column).map((limit) => limit.beyond);
      const values = [...beyond, otherValue(scene, relation, column, own)];
      return values.flatMap((value) => (value === undefined ? [] : [update(relation, { [column.name]: value })]));
    })
    .map((change) => change + where(relation, own.key));
  const all = {
    insert: rows.flatMap((row) => [
      ...limits.map(({ column, beyond }) => insert(relation, { ...row, [column.name]: beyond })),
      insert(relation, row),
    ]),
    update: changes,
    delete: [remove(relation) + where(relation, own.key)],
    truncate: [],
  };
  return trigger.events.flatMap((event) => all[event]);
}

/** Observations come in pairs: as it is, and with the trigger on. */
function judge(relation: Relation, trigger: Trigger, { name }: Persona, observations: readonly Observation[]): Verdict {
  const at = observations.findIndex((observation, place) => {
    const twin = observations[place + 1];
    const done = observation.error === null && (observation.count ?? 0) > 0;
    return place % 2 === 0 && done && twin !== undefined && outcomeOf(twin) === 'refused';
  });
  if (at < 0) return { state: 'held' };
  const how = trigger.enabled === 'R' ? 'works on replicas only' : 'is switched off';
  return {
    state: 'broken',
    at,
    expected: `${name} is refused what ${trigger.name} refuses`,
    observed: `${name} wrote to ${relation.name} what ${trigger.name} would refuse: the trigger ${how}`,
    columns: [],
  };
}
