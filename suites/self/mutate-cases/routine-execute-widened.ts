/** What granting EXECUTE changes. */

import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `
      CREATE SCHEMA kept;
      CREATE FUNCTION kept.one() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
      CREATE FUNCTION public.two(int, text) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
      CREATE FUNCTION public.three() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
      CREATE FUNCTION public.open() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
      CREATE FUNCTION public.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
      REVOKE ALL ON ROUTINE public.two, public.three, public.fire FROM PUBLIC, anon, authenticated;
      GRANT EXECUTE ON FUNCTION public.three() TO authenticated;`,
    mutants: {
      'routine-execute-widened function public.three(): EXECUTE TO anon': [
        '+ routines/public.three()/grants/anon EXECUTE',
      ],
      'routine-execute-widened function public.two(integer,text): EXECUTE TO anon': [
        '+ routines/public.two(integer,text)/grants/anon EXECUTE',
      ],
      'routine-execute-widened function public.two(integer,text): EXECUTE TO authenticated': [
        '+ routines/public.two(integer,text)/grants/authenticated EXECUTE',
      ],
      'routine-execute-widened function public.two(integer,text): EXECUTE TO public': [
        '+ routines/public.two(integer,text)/grants/public EXECUTE',
      ],
    },
    skipped: ['kept: anon, authenticated may not use the schema, so that a grant in it would give nothing'],
  },
];
