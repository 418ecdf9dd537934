/** What reading without a lock changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE FUNCTION public.take(p_note uuid) RETURNS text LANGUAGE plpgsql AS $$
      DECLARE
        v_body text;
      BEGIN
        LOCK TABLE public.notes IN SHARE MODE;
        PERFORM pg_advisory_xact_lock(hashtext(p_note::text));
        SELECT body INTO STRICT v_body FROM public.notes WHERE id = p_note FOR UPDATE NOWAIT;
        FOR v_body IN SELECT n.body FROM public.notes n, auth.users u WHERE u.id = n.owner_id FOR SHARE OF n FOR KEY SHARE OF u SKIP LOCKED LOOP
          NULL;
        END LOOP;
        RETURN v_body;
      END $$;
      CREATE FUNCTION public.count_of() RETURNS bigint LANGUAGE sql AS $$
        SELECT pg_catalog.pg_advisory_lock(1);
        SELECT count(*) FROM public.notes;
      $$;`,
    mutants: {
      'routine-lock-dropped function public.count_of(): SELECT pg_catalog.pg_advisory_lock(1)': [
        'routines/public.count_of()/body - SELECT pg_catalog.pg_advisory_lock(1)',
      ],
      'routine-lock-dropped function public.take(uuid): FROM public.notes FOR UPDATE NOWAIT': [
        'routines/public.take(uuid)/body - SELECT body INTO STRICT v_body FROM public.notes WHERE id = p_note FOR UPDATE NOWAIT;',
        'routines/public.take(uuid)/body + SELECT body INTO STRICT v_body FROM public.notes WHERE id = p_note;',
      ],
      'routine-lock-dropped function public.take(uuid): FROM public.notes AS n, auth.users AS u FOR SHARE OF n': [
        'routines/public.take(uuid)/body - FOR v_body IN SELECT n.body FROM public.notes n, auth.users u WHERE u.id = n.owner_id FOR SHARE OF n FOR KEY SHARE OF u SKIP LOCKED LOOP',
        'routines/public.take(uuid)/body + FOR v_body IN SELECT n.body FROM public.notes AS n, auth.users AS u WHERE u.id = n.owner_id FOR KEY SHARE OF u SKIP LOCKED LOOP',
      ],
      'routine-lock-dropped function public.take(uuid): FROM public.notes AS n, auth.users AS u FOR KEY SHARE OF u SKIP LOCKED':
        [
          'routines/public.take(uuid)/body - FOR v_body IN SELECT n.body FROM public.notes n, auth.users u WHERE u.id = n.owner_id FOR SHARE OF n FOR KEY SHARE OF u SKIP LOCKED LOOP',
          'routines/public.take(uuid)/body + FOR v_body IN SELECT n.body FROM public.notes AS n, auth.users AS u WHERE u.id = n.owner_id FOR SHARE OF n LOOP',
        ],
      'routine-lock-dropped function public.take(uuid): LOCK TABLE public.notes IN SHARE MODE': [
        'routines/public.take(uuid)/body - LOCK TABLE public.notes IN SHARE MODE;',
      ],
      'routine-lock-dropped function public.take(uuid): PERFORM pg_advisory_xact_lock(hashtext(p_note::text))': [
        'routines/public.take(uuid)/body - PERFORM pg_advisory_xact_lock(hashtext(p_note::text));',
      ],
    },
  },
];
