/** What believing an argument about who calls changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE FUNCTION public.of(p_note uuid, p_user uuid, p_name text) RETURNS SETOF public.notes LANGUAGE plpgsql AS $$
      DECLARE
        v_me uuid := auth.uid();
      BEGIN
        IF (SELECT auth.uid()) IS NULL OR v_me <> p_user THEN RETURN; END IF;
        RETURN QUERY SELECT * FROM public.notes WHERE owner_id = (auth.jwt() ->> 'sub')::uuid AND body <> auth.jwt() ->> 'email';
      END $$;
      CREATE FUNCTION public.owns(n uuid) RETURNS boolean LANGUAGE sql AS $$ SELECT n IS NOT NULL AND EXISTS (SELECT FROM public.notes WHERE id = n AND owner_id = auth.uid()) $$;
      CREATE FUNCTION public.alone() RETURNS uuid LANGUAGE sql AS $$ SELECT auth.uid() $$;`,
    mutants: {
      'routine-caller-replaced function public.of(uuid,uuid,text): auth.uid()': [
        'routines/public.of(uuid,uuid,text)/body - v_me uuid := auth.uid();',
        'routines/public.of(uuid,uuid,text)/body + v_me uuid := of.p_user;',
      ],
      'routine-caller-replaced function public.of(uuid,uuid,text): IF (SELECT auth.uid()) IS NULL OR v_me <> p_user': [
        'routines/public.of(uuid,uuid,text)/body - IF (SELECT auth.uid()) IS NULL OR v_me <> p_user THEN',
        'routines/public.of(uuid,uuid,text)/body + IF of.p_user IS NULL OR v_me <> p_user THEN',
      ],
      "routine-caller-replaced function public.of(uuid,uuid,text): WHERE owner_id = CAST(auth.jwt() ->> 'sub' AS uuid) AND body <> (auth.jwt() ->>…":
        [
          "routines/public.of(uuid,uuid,text)/body - RETURN QUERY SELECT * FROM public.notes WHERE owner_id = (auth.jwt() ->> 'sub')::uuid AND body <> auth.jwt() ->> 'email';",
          "routines/public.of(uuid,uuid,text)/body + RETURN QUERY SELECT * FROM public.notes WHERE owner_id = of.p_user AND body <> (auth.jwt() ->> 'email');",
        ],
      "routine-caller-replaced function public.of(uuid,uuid,text): WHERE owner_id = CAST(auth.jwt() ->> 'sub' AS uuid) AND body <> (auth.jwt() ->>… 2":
        [
          "routines/public.of(uuid,uuid,text)/body - RETURN QUERY SELECT * FROM public.notes WHERE owner_id = (auth.jwt() ->> 'sub')::uuid AND body <> auth.jwt() ->> 'email';",
          "routines/public.of(uuid,uuid,text)/body + RETURN QUERY SELECT * FROM public.notes WHERE owner_id = CAST(auth.jwt() ->> 'sub' AS uuid) AND body <> of.p_name;",
        ],
      'routine-caller-replaced function public.owns(uuid): WHERE id = n AND owner_id = auth.uid()': [
        'routines/public.owns(uuid)/body - AND owner_id = auth.uid()))',
        'routines/public.owns(uuid)/body + AND owner_id = owns.n))',
      ],
    },
  },
  {
    platform: 'plain',
    setting: 'app.tenant',
    sql: `
      CREATE TABLE public.rows (tenant text, body text);
      CREATE FUNCTION public.of(t text, n int) RETURNS SETOF public.rows LANGUAGE sql AS $$
        SELECT * FROM public.rows WHERE tenant = coalesce(nullif(current_setting('app.tenant', true), ''), 'none')
      $$;`,
    mutants: {
      "routine-caller-replaced function public.of(text,integer): WHERE tenant = (COALESCE(NULLIF (current_setting('app.tenant', true), ''), 'non…":
        [
          "routines/public.of(text,integer)/body - tenant = (COALESCE(NULLIF (current_setting('app.tenant', true), ''), 'none'))",
          'routines/public.of(text,integer)/body + tenant = of.t',
        ],
    },
  },
];
