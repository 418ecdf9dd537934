/** What turning round a condition in a routine changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `
      CREATE FUNCTION public.inside(text) RETURNS boolean LANGUAGE internal STRICT IMMUTABLE AS 'boolin';
      CREATE FUNCTION public.chosen(p int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN CASE p WHEN 1 THEN RETURN p IS NULL; ELSE NULL; END CASE; END $$;
      CREATE FUNCTION public.quoted() RETURNS boolean LANGUAGE plpgsql AS $$ DECLARE "My Flag" boolean := 1 > 2; BEGIN RETURN "My Flag" IS NULL; END $$;
      CREATE FUNCTION public.stored(n int) RETURNS boolean LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT 1 AS one WHERE n > 3; SELECT n > 2; END;`,
    mutants: {
      'routine-condition-negated function public.quoted(): RETURN "My Flag" IS NULL': [
        'routines/public.quoted()/body - RETURN "My Flag" IS NULL;',
        'routines/public.quoted()/body + RETURN "My Flag" IS NOT NULL;',
      ],
      'routine-condition-negated function public.stored(integer): WHERE n > 3': [
        'routines/public.stored(integer)/body - WHERE (n > 3);',
        'routines/public.stored(integer)/body + WHERE (n <= 3);',
      ],
    },
    skipped: [
      'public.chosen(integer): the printer would say its body in other words',
      'public.inside(text): written in internal: its body is not read',
    ],
  },
  {
    sql: `${NOTES}
      CREATE FUNCTION public.mine(p_note uuid, p_all boolean) RETURNS SETOF public.notes LANGUAGE plpgsql AS $$
      BEGIN
        IF auth.uid() IS NULL THEN RETURN; END IF;
        IF NOT p_all AND p_note IS NULL THEN
          RETURN QUERY SELECT n.* FROM public.notes n JOIN auth.users u ON u.id = n.owner_id WHERE n.owner_id = auth.uid() AND NOT n.body = '';
        END IF;
      END $$;
      CREATE FUNCTION public.owns(p_note uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
        SELECT p_note IS NOT NULL AND EXISTS (SELECT 1 FROM public.notes WHERE id = p_note AND owner_id IN (auth.uid()))
      $$;`,
    mutants: {
      'routine-condition-negated function public.mine(uuid,boolean): IF auth.uid() IS NULL': [
        'routines/public.mine(uuid,boolean)/body - IF auth.uid() IS NULL THEN',
        'routines/public.mine(uuid,boolean)/body + IF auth.uid() IS NOT NULL THEN',
      ],
      'routine-condition-negated function public.mine(uuid,boolean): IF NOT (p_all) AND p_note IS NULL': [
        'routines/public.mine(uuid,boolean)/body - IF NOT p_all AND p_note IS NULL THEN',
        'routines/public.mine(uuid,boolean)/body + IF NOT (NOT (p_all) AND p_note IS NULL) THEN',
      ],
      "routine-condition-negated function public.mine(uuid,boolean): WHERE n.owner_id = auth.uid() AND NOT (n.body = '')":
        [
          "routines/public.mine(uuid,boolean)/body - RETURN QUERY SELECT n.* FROM public.notes n JOIN auth.users u ON u.id = n.owner_id WHERE n.owner_id = auth.uid() AND NOT n.body = '';",
          "routines/public.mine(uuid,boolean)/body + RETURN QUERY SELECT n.* FROM public.notes AS n JOIN auth.users AS u ON u.id = n.owner_id WHERE n.owner_id <> auth.uid() AND NOT (n.body = '');",
        ],
      "routine-condition-negated function public.mine(uuid,boolean): WHERE n.owner_id = auth.uid() AND NOT (n.body = '') 2":
        [
          "routines/public.mine(uuid,boolean)/body - RETURN QUERY SELECT n.* FROM public.notes n JOIN auth.users u ON u.id = n.owner_id WHERE n.owner_id = auth.uid() AND NOT n.body = '';",
          "routines/public.mine(uuid,boolean)/body + RETURN QUERY SELECT n.* FROM public.notes AS n JOIN auth.users AS u ON u.id = n.owner_id WHERE n.owner_id = auth.uid() AND NOT (n.body <> '');",
        ],
      'routine-condition-negated function public.mine(uuid,boolean): ON u.id = n.owner_id': [
        "routines/public.mine(uuid,boolean)/body - RETURN QUERY SELECT n.* FROM public.notes n JOIN auth.users u ON u.id = n.owner_id WHERE n.owner_id = auth.uid() AND NOT n.body = '';",
        "routines/public.mine(uuid,boolean)/body + RETURN QUERY SELECT n.* FROM public.notes AS n JOIN auth.users AS u ON u.id <> n.owner_id WHERE n.owner_id = auth.uid() AND NOT (n.body = '');",
      ],
      'routine-condition-negated function public.owns(uuid): WHERE id = p_note AND owner_id IN (auth.uid())': [
        'routines/public.owns(uuid)/body - (id = p_note',
        'routines/public.owns(uuid)/body + (id <> p_note',
      ],
      'routine-condition-negated function public.owns(uuid): WHERE id = p_note AND owner_id IN (auth.uid()) 2': [
        'routines/public.owns(uuid)/body - AND owner_id IN (auth.uid())))',
        'routines/public.owns(uuid)/body + AND owner_id NOT IN (auth.uid())))',
      ],
      'routine-condition-negated function public.owns(uuid): RETURN p_note IS NOT NULL AND EXISTS (SELECT 1 FROM public.notes WHERE (id = p_…':
        ['routines/public.owns(uuid)/body - p_note IS NOT NULL', 'routines/public.owns(uuid)/body + p_note IS NULL'],
      'routine-condition-negated function public.owns(uuid): RETURN p_note IS NOT NULL AND EXISTS (SELECT 1 FROM public.notes WHERE (id = p_… 2':
        [
          'routines/public.owns(uuid)/body - AND EXISTS (SELECT 1',
          'routines/public.owns(uuid)/body - AND owner_id IN (auth.uid())))',
          'routines/public.owns(uuid)/body + AND NOT (EXISTS (SELECT 1',
          'routines/public.owns(uuid)/body + AND owner_id IN (auth.uid()))))',
        ],
    },
  },
];
