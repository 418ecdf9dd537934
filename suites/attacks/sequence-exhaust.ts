/** Draws numbers from short sequences, which no rollback gives back. */

import { sequencesBySchema, spelled } from '../../fixtures/engine/sequences.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import { literal } from '../../fixtures/wire/escape.ts';

const CODES = `
CREATE TABLE public.codes (
  id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner_id uuid NOT NULL DEFAULT auth.uid() REFERENCES auth.users (id),
  label text
);
ALTER TABLE public.codes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.codes TO authenticated USING (owner_id = auth.uid());`;

/** What somebody can draw in an afternoon. */
const SHORT = 1_000_000;

export const attack: Attack = {
  id: 'sequence-exhaust',
  group: 'sequence',
  severity: 'low',
  reachable: 'database_only',
  title: 'may use up short sequences',
  explains:
    'USAGE on a sequence is the right to call nextval until it ends, and no rollback gives a number back: then nobody can insert. An identity column needs no grant on its sequence.',
  plants: [
    {
      platform: 'supabase',
      base: CODES,
      plant: 'GRANT USAGE ON SEQUENCE public.codes_id_seq TO authenticated;',
      repair: 'REVOKE ALL ON SEQUENCE public.codes_id_seq FROM anon, authenticated;',
    },
  ],
  *trials(scene) {
    const short = ({ room }: { readonly room: number }) => room < SHORT;
    for (const { schema, persona, granted, sequences } of sequencesBySchema(scene, ['USAGE', 'UPDATE'], short)) {
      const names = sequences.map((one) => literal(spelled(one)));
      yield {
        surface: { kind: 'schema', name: schema, verb: 'nextval' },
        persona,
        shape: 'watched',
        probes: [
          {
            persona,
            // The world may have used up what there is.
            given: sequences.map((one, at) => `SELECT setval(${names[at]}, ${one.start}, false)`),
            sql: `SELECT ${names.map((name) => `nextval(${name})`).join(', ')}`,
          },
        ],
        judge: ([observation]) =>
          !granted || observation?.error !== null
            ? { state: 'held' }
            : {
                state: 'broken',
                expected: `${persona.role} draws no numbers but by inserting`,
                observed: `${persona.role} drew from ${sequences.map((one) => `${spelled(one)}, which holds ${one.room}`).join(', ')}`,
                columns: sequences.map(spelled),
              },
      };
    }
  },
};
