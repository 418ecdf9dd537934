/** What dropping ON CONFLICT changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE FUNCTION public.add(p_note uuid) RETURNS uuid LANGUAGE plpgsql AS $$
      DECLARE
        v_id uuid;
      BEGIN
        INSERT INTO public.notes AS n (id, owner_id, body) VALUES (p_note, auth.uid(), '') ON CONFLICT (id) DO UPDATE SET body = 'again' WHERE n.owner_id = auth.uid() RETURNING id INTO v_id;
        INSERT INTO public.notes (id, owner_id, body) SELECT p_note, auth.uid(), '' ON CONFLICT DO NOTHING;
        RETURN v_id;
      END $$;`,
    mutants: {
      "routine-conflict-dropped function public.add(uuid): INSERT INTO public.notes AS n ON CONFLICT (id) DO UPDATE SET body = 'again' WHE…":
        [
          "routines/public.add(uuid)/body - INSERT INTO public.notes AS n (id, owner_id, body) VALUES (p_note, auth.uid(), '') ON CONFLICT (id) DO UPDATE SET body = 'again' WHERE n.owner_id = auth.uid() RETURNING id INTO v_id;",
          "routines/public.add(uuid)/body + INSERT INTO public.notes AS n (id, owner_id, body) VALUES (p_note, auth.uid(), '') RETURNING id INTO v_id;",
        ],
      'routine-conflict-dropped function public.add(uuid): INSERT INTO public.notes ON CONFLICT DO NOTHING': [
        "routines/public.add(uuid)/body - INSERT INTO public.notes (id, owner_id, body) SELECT p_note, auth.uid(), '' ON CONFLICT DO NOTHING;",
        "routines/public.add(uuid)/body + INSERT INTO public.notes (id, owner_id, body) SELECT p_note, auth.uid(), '';",
      ],
    },
  },
  {
    sql: `
      CREATE FUNCTION public.run(p_what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
      BEGIN
        RETURN QUERY EXECUTE format('INSERT INTO %I VALUES (1) ON CONFLICT DO NOTHING RETURNING body', p_what);
      END $$;
      CREATE FUNCTION public.run_one(p_what text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE p_what; END $$;`,
    mutants: {},
    skipped: [
      'public.run(text): the SQL that it puts together while it runs is not read',
      'public.run_one(text): the SQL that it puts together while it runs is not read',
    ],
  },
];
