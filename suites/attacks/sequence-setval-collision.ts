/** Sets sequences back, so that the next rows of everybody get numbers that are taken. */

import { sequencesBySchema, spelled } from '../../fixtures/engine/sequences.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import { NUMBERED } from '../plants.ts';

export const attack: Attack = {
  id: 'sequence-setval-collision',
  group: 'sequence',
  severity: 'low',
  reachable: 'database_only',
  title: 'sets sequences back',
  explains:
    'UPDATE on a sequence is the right to call setval: everybody’s next insert then collides with a key that exists, and no rollback undoes it. Inserting through a default needs USAGE, through an identity column nothing.',
  plants: [
    {
      platform: 'supabase',
      base: NUMBERED,
      plant: 'GRANT ALL ON SEQUENCE public.invoices_id_seq TO authenticated;',
      repair: 'REVOKE ALL ON SEQUENCE public.invoices_id_seq FROM anon, authenticated;',
    },
  ],
  *trials(scene) {
    for (const { schema, persona, granted, sequences } of sequencesBySchema(scene, ['UPDATE'])) {
      const calls = sequences.map((one) => `setval(${literal(spelled(one))}, ${one.start}, false)`);
      yield {
        surface: { kind: 'schema', name: schema, verb: 'setval' },
        persona,
        shape: 'watched',
        probes: [{ persona, sql: `SELECT ${calls.join(', ')}` }],
        judge: ([observation]) =>
          !granted || observation?.error !== null
            ? { state: 'held' }
            : {
                state: 'broken',
                expected: `${persona.role} sets no sequence`,
                observed: `${persona.role} set ${sequences.map(spelled).join(', ')} back to the start`,
                columns: sequences.map(spelled),
              },
      };
    }
  },
};
