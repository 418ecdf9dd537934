/** Makes routines fail, and reads the error. */

import { callOf, inStateOf, probeOf, shapeFor } from '../../fixtures/engine/calls.ts';
import { type Ground, grounds, isDefiner, withValue } from '../../fixtures/engine/variations.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Argument, Catalog } from '../../fixtures/model/catalog.ts';
import { mayExecute } from '../../fixtures/model/privilege.ts';
import type { Call, Scene } from '../../fixtures/model/scene.ts';
import type { Json } from '../../fixtures/model/world.ts';
import { judgeCanaries } from '../../fixtures/oracles/reading.ts';
import { judgeCalls } from '../../fixtures/oracles/trial.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const TAKE_NOTE = (refusal: string) => `
CREATE OR REPLACE FUNCTION public.take_note(p_id uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  found_note public.notes;
BEGIN
  SELECT * INTO found_note FROM public.notes WHERE id = p_id;
  IF found_note.owner_id IS DISTINCT FROM auth.uid() THEN ${refusal} END IF;
END $$;`;

const PURSES = `
CREATE TABLE public.purses (
  id integer PRIMARY KEY,
  owner_id uuid NOT NULL REFERENCES auth.users (id),
  label text NOT NULL,
  coins integer NOT NULL DEFAULT 3 CHECK (coins >= 0)
);
ALTER TABLE public.purses ENABLE ROW LEVEL SECURITY;`;

/** A constraint’s own error tells the row that broke it, to whoever runs as an owner. */
const PAY = (end: string) => `
CREATE OR REPLACE FUNCTION public.pay(p_purse integer, p_coins integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE public.purses SET coins = coins - p_coins WHERE id = p_purse ${end}
END $$;`;

export const attack: Attack = {
  id: 'rpc-error-canary',
  group: 'rpc',
  severity: 'high',
  title: 'learns rows of somebody else from an error',
  explains:
    'Calls that should fail: with keys of others, values out of range, NULL and too long texts. Message, detail, hint and context of the error must hold nothing of rows of others.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: TAKE_NOTE(`RAISE 'taken' USING DETAIL = found_note.body;`),
      repair: TAKE_NOTE(`RAISE 'taken';`),
    },
    {
      platform: 'supabase',
      base: PURSES,
      plant: PAY(';'),
      repair: PAY(`AND owner_id = auth.uid();`),
    },
  ],
  *trials(scene) {
    for (const ground of grounds(scene, isDefiner(scene))) yield failing(scene, ground);
  },
};

function failing(scene: Scene, { surface, routine, persona, calls, rehearsal }: Ground): Trial {
  const known = rehearsal.talkative.filter(
    (call) => call.persona.name === persona.name && mayExecute(scene.catalog, routine, persona.role),
  );
  const varied = calls.slice(0, 4).flatMap((call, at) => [call, ...(at < 2 ? wrong(scene.catalog, call) : [])]);
  const distinct = new Map([...known, ...varied].map((call) => [call.sql, probeOf(call)]));
  const probes = [...distinct.values()].slice(0, MOST_PROBES);
  return {
    surface,
    persona,
    shape: shapeFor(probes),
    probes,
    judge: (observations) =>
      judgeCalls(observations, (observation) =>
        judgeCanaries(scene, surface, { ...observation, rows: [], notices: [] }),
      ),
  };
}

const MOST_PROBES = 32;

/** One argument after the other is out of range. */
function wrong(catalog: Catalog, call: Call): readonly Call[] {
  const alone = call.routine.arguments.flatMap((argument, at) =>
    outOfRange(argument, catalog).map((value) => withValue(call, at, value)),
  );
  const none = callOf(
    call.routine,
    call.persona,
    call.routine.arguments.map(() => ({ value: null, meaning: 'value' })),
  );
  return [...alone, inStateOf(call, none)];
}

function outOfRange({ category, baseType, type }: Argument, { enums }: Catalog): readonly Json[] {
  const labels = enums.find(({ schema, name }) => type === name || type === `${schema}.${name}`)?.labels;
  if (labels) return [...labels.slice(0, 4), null];
  if (/^jsonb?$/.test(baseType)) return ['rowproof', null];
  if (category === 'N') return [baseType === 'int2' ? 32_767 : 2_147_483_647, -1, 0, null];
  if (category === 'S') return ['', 'x'.repeat(10_000), null];
  return category === 'D' ? ['1900-01-01', null] : [null];
}
