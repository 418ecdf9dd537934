/** Listens to what routines say while they run. */

import { probeOf, shapeFor } from '../../fixtures/engine/calls.ts';
import { says } from '../../fixtures/engine/code.ts';
import { grounds, isDefiner } from '../../fixtures/engine/variations.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import { judgeCanaries } from '../../fixtures/oracles/reading.ts';
import { judgeCalls } from '../../fixtures/oracles/trial.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const COUNT_NOTES = (loud: string) => `
CREATE OR REPLACE FUNCTION public.count_notes() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  one public.notes;
  many integer := 0;
BEGIN
  FOR one IN SELECT * FROM public.notes LOOP
    ${loud}
    many := many + 1;
  END LOOP;
  RETURN many;
END $$;`;

const SPEAKS = /\braise\s+(debug|log|info|notice|warning)\b/i;

export const attack: Attack = {
  id: 'rpc-notice-canary',
  group: 'rpc',
  severity: 'low',
  reachable: 'database_only',
  title: 'hears of rows of somebody else in notices',
  explains:
    'The routine is called with client_min_messages = debug1. The API keeps notices to itself: only a connection of one’s own hears them.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: COUNT_NOTES(`RAISE DEBUG 'at % %', one.id, one.body;`),
      repair: COUNT_NOTES(''),
    },
  ],
  *trials(scene) {
    const loud = grounds(scene, (one) => isDefiner(scene)(one) && says(scene.catalog, one, SPEAKS));
    for (const { surface, persona, calls, rehearsal } of loud) {
      const settings = [...persona.settings, { name: 'client_min_messages', value: 'debug1' }];
      const listener = { ...persona, settings };
      const said = [...calls.slice(0, 3), ...rehearsal.talkative.filter((call) => call.persona.name === persona.name)];
      const probes = said.map((call) => probeOf(call, listener));
      yield {
        surface,
        persona,
        shape: shapeFor(probes),
        probes,
        judge: (observations) =>
          judgeCalls(observations, (observation) =>
            judgeCanaries(scene, surface, { ...observation, rows: [], error: null }),
          ),
      };
    }
  },
};
