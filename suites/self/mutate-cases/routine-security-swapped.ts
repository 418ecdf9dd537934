/** What swapping whose rights a routine runs with changes. */

import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `
      CREATE FUNCTION public.one() RETURNS int LANGUAGE sql SECURITY DEFINER AS $$ SELECT 1 $$;
      CREATE PROCEDURE public.two(INOUT n int, t text[]) LANGUAGE plpgsql AS $$ BEGIN n := 1; END $$;
      CREATE FUNCTION public.three(text) RETURNS boolean LANGUAGE internal STRICT IMMUTABLE AS 'boolin';`,
    mutants: {
      'routine-security-swapped function public.one(): SECURITY': [
        'routines/public.one()/securityDefiner → false',
        'routines/public.one()/head → CREATE OR REPLACE FUNCTION public.one() RETURNS integer LANGUAGE sql AS ',
      ],
      'routine-security-swapped function public.three(text): SECURITY': [
        'routines/public.three(text)/securityDefiner → true',
        'routines/public.three(text)/head → CREATE OR REPLACE FUNCTION public.three(text) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT SECURITY DEFINER AS ',
      ],
      'routine-security-swapped function public.two(integer,text[]): SECURITY': [
        'routines/public.two(integer,text[])/securityDefiner → true',
        'routines/public.two(integer,text[])/head → CREATE OR REPLACE PROCEDURE public.two(INOUT n integer, IN t text[]) LANGUAGE plpgsql SECURITY DEFINER AS ',
      ],
    },
  },
];
