/** Becomes the service's role by a statement that a routine executes for its caller. */

import { select } from '../../fixtures/act/sql.ts';
import { probeOf, shapeFor } from '../../fixtures/engine/calls.ts';
import { DYNAMIC, says } from '../../fixtures/engine/code.ts';
import { becoming, brokenOut, secretTables, textPlaces } from '../../fixtures/engine/injection.ts';
import { grounds } from '../../fixtures/engine/variations.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Routine } from '../../fixtures/model/catalog.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Call } from '../../fixtures/model/scene.ts';
import { judgeTableRead } from '../../fixtures/oracles/reading.ts';
import { judgeCalls } from '../../fixtures/oracles/trial.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const RUN = (rights: string) => `
CREATE OR REPLACE FUNCTION public.run_for_me(p_label text) RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  ${rights}
END $$;`;

/** What the API’s login can become besides its callers’ roles. */
const SERVICE = 'service_role';

export const attack: Attack = {
  id: 'rpc-invoker-exec-set-role',
  group: 'rpc',
  severity: 'critical',
  title: 'becomes the service’s role inside a routine',
  explains:
    'A routine that runs with its caller’s rights executes text of the caller. The session belongs to the API’s login, which may become service_role: so may the text.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: RUN(`EXECUTE 'SELECT ' || quote_literal('a') || ' AS ' || p_label;`),
      repair: RUN(`EXECUTE 'SELECT ' || quote_literal('a') || ' AS ' || quote_ident(p_label);`),
    },
    { platform: 'supabase', base: NOTES + OWN_NOTES, plant: RUN('EXECUTE p_label;'), repair: RUN('RETURN;') },
  ],
  *trials(scene) {
    if (scene.platform !== 'supabase') return;
    const invokes = (one: Routine) => !one.securityDefiner && says(scene.catalog, one, DYNAMIC);
    for (const { surface, persona, calls } of grounds(scene, invokes)) {
      const [call] = calls;
      const secret = (call ? secretTables(scene, call) : []).find(
        (relation) => columnsWith(scene.catalog, relation, SERVICE, 'SELECT').length === relation.columns.length,
      );
      if (!call || !secret) continue;
      const texts = (value: string) => [
        `set local role ${SERVICE}`,
        ...brokenOut(value, becoming(SERVICE), secret),
        `rowproof; set local role ${SERVICE}`,
      ];
      const attempts: readonly Call[] = textPlaces(scene, call).flatMap(({ value, put }) => texts(value).map(put));
      if (attempts.length === 0) continue;
      const probes = attempts.map((one) => ({ ...probeOf(one), first: [one.sql], sql: select(secret, []) }));
      yield {
        surface,
        persona,
        shape: shapeFor(probes),
        probes,
        judge: (observations) => judgeCalls(observations, (one) => judgeTableRead(scene, secret, one)),
      };
    }
  },
};
