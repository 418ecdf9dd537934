/** What dropping a pinned search_path changes. */

import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `
      CREATE FUNCTION public.one() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$ SELECT 1 $$;
      CREATE FUNCTION public.two() RETURNS int LANGUAGE sql SET search_path = "$user", public, pg_temp SET work_mem = '4MB' AS $$ SELECT 1 $$;
      CREATE FUNCTION public.three() RETURNS int LANGUAGE sql SET work_mem = '4MB' BEGIN ATOMIC SELECT 1; END;`,
    mutants: {
      'routine-search-path-dropped function public.one(): search_path': [
        'routines/public.one()/settings → []',
        'routines/public.one()/head → CREATE OR REPLACE FUNCTION public.one() RETURNS integer LANGUAGE sql SECURITY DEFINER AS ',
      ],
      'routine-search-path-dropped function public.two(): search_path': [
        'routines/public.two()/settings → ["work_mem=4MB"]',
        "routines/public.two()/head → CREATE OR REPLACE FUNCTION public.two() RETURNS integer LANGUAGE sql SET work_mem TO '4MB' AS ",
      ],
    },
  },
];
