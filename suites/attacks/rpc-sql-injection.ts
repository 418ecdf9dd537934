/** Breaks out of statements that a routine puts together from its arguments. */

import { probeOf, shapeFor } from '../../fixtures/engine/calls.ts';
import { DYNAMIC, says } from '../../fixtures/engine/code.ts';
import {
  alwaysTrue,
  brokenOut,
  type Place,
  secretTables,
  tellingAll,
  textPlaces,
} from '../../fixtures/engine/injection.ts';
import { type Ground, grounds, isDefiner, variedTrial } from '../../fixtures/engine/variations.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Call, Scene } from '../../fixtures/model/scene.ts';
import type { Surface, Verdict } from '../../fixtures/model/verdict.ts';
import { judgeCanaries } from '../../fixtures/oracles/reading.ts';
import { judgeCalls } from '../../fixtures/oracles/trial.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const SORT_NOTES = (order: string) => `
CREATE OR REPLACE FUNCTION public.sort_notes(p_order text) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY EXECUTE 'SELECT body FROM public.notes WHERE owner_id = auth.uid() ORDER BY ' || ${order};
END $$;`;

const GREP_NOTES = (filter: string) => `
CREATE OR REPLACE FUNCTION public.grep_notes(p_filter jsonb) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY EXECUTE ${filter};
END $$;`;

const GREP = `SELECT body FROM public.notes WHERE owner_id = auth.uid() AND body`;

export const attack: Attack = {
  id: 'rpc-sql-injection',
  group: 'rpc',
  severity: 'critical',
  title: 'runs SQL of its own with the rights of a routine',
  explains:
    'Where a routine executes statements that it puts together, each text argument, list element, JSON key and value carries an expression whose error tells a whole table, or a filter that is always true.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: SORT_NOTES('p_order'),
      repair: SORT_NOTES('quote_ident(p_order)'),
    },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: GREP_NOTES(`'${GREP} = ''' || (p_filter ->> 'body') || ''''`),
      repair: GREP_NOTES(`'${GREP} = $1' USING p_filter ->> 'body'`),
    },
  ],
  *trials(scene) {
    const dynamic = grounds(scene, (one) => isDefiner(scene)(one) && says(scene.catalog, one, DYNAMIC));
    for (const ground of dynamic) {
      const [call] = ground.calls;
      const [secret] = call ? secretTables(scene, call) : [];
      if (!call || !secret) continue;
      for (const place of textPlaces(scene, call)) {
        yield telling(scene, ground, place, secret, call);
        yield variedTrial(scene, ground, call, alwaysTrue(place.value).map(place.put));
      }
    }
  },
};

/** Expressions that fail with the rows in their error; and a lone quote, which breaks what is open to them. */
function telling(scene: Scene, { surface, persona }: Ground, place: Place, secret: Relation, call: Call): Trial {
  const payloads = brokenOut(place.value, tellingAll(secret), secret).map(place.put);
  const probes = [call, place.put(`${place.value}'`), ...payloads].map((one) => probeOf(one));
  return {
    surface,
    persona,
    shape: shapeFor(probes),
    probes,
    judge: (observations) => {
      const verdict = judgeCalls(observations, (one) => judgeMessage(scene, surface, one));
      return verdict.state === 'held' ? suspected(place, observations) : verdict;
    },
  };
}

function judgeMessage(scene: Scene, surface: Surface, observation: Observation): Verdict {
  return judgeCanaries(scene, surface, { ...observation, rows: [], notices: [] });
}

const SYNTAX_ERROR = '42601';

function suspected({ name }: Place, [benign, quote]: readonly Observation[]): Verdict {
  if (benign?.error?.sqlstate === SYNTAX_ERROR || quote?.error?.sqlstate !== SYNTAX_ERROR) return { state: 'held' };
  const observed = `a quote in ${name} breaks the statement that the routine executes: is whatever it says meant to run?`;
  return { state: 'question', observed, columns: [] };
}
