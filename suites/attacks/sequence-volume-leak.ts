/** Reads from sequences how many rows everybody has made. */

import { sequencesBySchema, spelled } from '../../fixtures/engine/sequences.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import { qualified } from '../../fixtures/wire/escape.ts';
import { NUMBERED } from '../plants.ts';

export const attack: Attack = {
  id: 'sequence-volume-leak',
  group: 'sequence',
  severity: 'low',
  reachable: 'database_only',
  title: 'reads from sequences how many rows there are',
  explains:
    'SELECT on a sequence shows its last value, and so how many rows others have inserted below a policy that hides them. No insert needs it.',
  plants: [
    {
      platform: 'supabase',
      base: NUMBERED,
      plant: 'GRANT SELECT ON SEQUENCE public.invoices_id_seq TO authenticated;',
      repair: 'REVOKE ALL ON SEQUENCE public.invoices_id_seq FROM anon, authenticated;',
    },
  ],
  *trials(scene) {
    for (const { schema, persona, granted, sequences } of sequencesBySchema(scene, ['SELECT'])) {
      const reads = sequences.map(({ schema: within, name }) => `SELECT last_value FROM ${qualified(within, name)}`);
      yield {
        surface: { kind: 'schema', name: schema, verb: 'select' },
        persona,
        shape: 'rolled back',
        probes: [{ persona, sql: reads.join(' UNION ALL ') }],
        judge: ([observation]) =>
          !granted || observation?.error !== null
            ? { state: 'held' }
            : {
                state: 'broken',
                expected: `${persona.role} learns no numbers of rows that row security hides`,
                observed: `${persona.role} read the last value of ${sequences.map(spelled).join(', ')}`,
                columns: sequences.map(spelled),
              },
      };
    }
  },
};
