/** What a grant on a sequence changes. */

import { NUMBERED } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NUMBERED}
      CREATE SEQUENCE public.tickets;
      REVOKE ALL ON SEQUENCE public.invoices_id_seq, public.tickets FROM anon, authenticated;
      GRANT USAGE ON SEQUENCE public.tickets TO authenticated, anon;
      GRANT UPDATE ON SEQUENCE public.tickets TO authenticated;
      CREATE SCHEMA private;
      CREATE TABLE private.log (id serial);`,
    mutants: {
      'sequence-grant-added grants on public.invoices_id_seq USAGE TO anon': [
        '+ sequences/public.invoices_id_seq/grants/anon USAGE',
      ],
      'sequence-grant-added grants on public.invoices_id_seq USAGE TO authenticated': [
        '+ sequences/public.invoices_id_seq/grants/authenticated USAGE',
      ],
      'sequence-grant-added grants on public.invoices_id_seq UPDATE TO anon': [
        '+ sequences/public.invoices_id_seq/grants/anon UPDATE',
      ],
      'sequence-grant-added grants on public.invoices_id_seq UPDATE TO authenticated': [
        '+ sequences/public.invoices_id_seq/grants/authenticated UPDATE',
      ],
      'sequence-grant-added grants on public.tickets UPDATE TO anon': ['+ sequences/public.tickets/grants/anon UPDATE'],
    },
    skipped: ['private: anon, authenticated may not use the schema, so that a grant in it would give nothing'],
  },
];
