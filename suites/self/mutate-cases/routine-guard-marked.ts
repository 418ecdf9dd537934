/** What making a marked condition neutral changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE FUNCTION public.edit(p_note uuid, p_user uuid) RETURNS int LANGUAGE plpgsql AS $$
      BEGIN
        IF
          -- guard: caller
          auth.uid() IS NULL OR p_user IS DISTINCT FROM auth.uid()
          -- guard: caller
        THEN
          RAISE EXCEPTION 'no';
        END IF;
        IF p_note IS NULL
          -- guard: self
          OR NOT p_user = auth.uid()
          -- guard: self
        THEN RETURN NULL; END IF;
        UPDATE public.notes SET body = 'x'
        WHERE id = p_note
          -- guard: own
          AND owner_id = p_user
          -- guard: filled
          AND body <> ''
          -- guard: filled
          -- guard: own
          AND NOT (
            -- guard: not-x
            body = 'x'
            -- guard: not-x
          );
        DELETE FROM public.notes n USING auth.users u WHERE
          -- guard: all
          u.id = n.owner_id AND n.id = p_note
          -- guard: all
        ;
        RETURN 1;
      END $$;
      CREATE FUNCTION public.count_of(p_user uuid) RETURNS bigint LANGUAGE sql AS $$
        SELECT count(*) FROM public.notes
        WHERE
          -- guard: own
          owner_id = p_user
          -- guard: own
      $$;`,
    mutants: {
      'routine-guard-marked function public.count_of(uuid): guard own': [
        'routines/public.count_of(uuid)/body - owner_id = p_user',
        'routines/public.count_of(uuid)/body + true',
      ],
      'routine-guard-marked function public.edit(uuid,uuid): guard caller': [
        'routines/public.edit(uuid,uuid)/body - IF auth.uid() IS NULL OR p_user IS DISTINCT FROM auth.uid() THEN',
        'routines/public.edit(uuid,uuid)/body - u.id = n.owner_id AND n.id = p_note',
        'routines/public.edit(uuid,uuid)/body + IF false THEN',
        'routines/public.edit(uuid,uuid)/body + u.id = n.owner_id AND n.id = p_note;',
      ],
      'routine-guard-marked function public.edit(uuid,uuid): guard self': [
        'routines/public.edit(uuid,uuid)/body - IF p_note IS NULL',
        'routines/public.edit(uuid,uuid)/body - OR NOT p_user = auth.uid() THEN',
        'routines/public.edit(uuid,uuid)/body - u.id = n.owner_id AND n.id = p_note',
        'routines/public.edit(uuid,uuid)/body + IF p_note IS NULL OR false THEN',
        'routines/public.edit(uuid,uuid)/body + u.id = n.owner_id AND n.id = p_note;',
      ],
      'routine-guard-marked function public.edit(uuid,uuid): guard filled': [
        "routines/public.edit(uuid,uuid)/body - UPDATE public.notes SET body = 'x'",
        'routines/public.edit(uuid,uuid)/body - WHERE id = p_note',
        'routines/public.edit(uuid,uuid)/body - AND owner_id = p_user',
        "routines/public.edit(uuid,uuid)/body - AND body <> ''",
        'routines/public.edit(uuid,uuid)/body - AND NOT (',
        "routines/public.edit(uuid,uuid)/body - body = 'x'",
        'routines/public.edit(uuid,uuid)/body - );',
        'routines/public.edit(uuid,uuid)/body - u.id = n.owner_id AND n.id = p_note',
        "routines/public.edit(uuid,uuid)/body + UPDATE public.notes SET body = 'x' WHERE id = p_note AND owner_id = p_user AND true AND NOT (body = 'x');",
        'routines/public.edit(uuid,uuid)/body + u.id = n.owner_id AND n.id = p_note;',
      ],
      'routine-guard-marked function public.edit(uuid,uuid): guard own': [
        "routines/public.edit(uuid,uuid)/body - UPDATE public.notes SET body = 'x'",
        'routines/public.edit(uuid,uuid)/body - WHERE id = p_note',
        'routines/public.edit(uuid,uuid)/body - AND owner_id = p_user',
        "routines/public.edit(uuid,uuid)/body - AND body <> ''",
        'routines/public.edit(uuid,uuid)/body - AND NOT (',
        "routines/public.edit(uuid,uuid)/body - body = 'x'",
        'routines/public.edit(uuid,uuid)/body - );',
        'routines/public.edit(uuid,uuid)/body - u.id = n.owner_id AND n.id = p_note',
        "routines/public.edit(uuid,uuid)/body + UPDATE public.notes SET body = 'x' WHERE id = p_note AND true AND NOT (body = 'x');",
        'routines/public.edit(uuid,uuid)/body + u.id = n.owner_id AND n.id = p_note;',
      ],
      'routine-guard-marked function public.edit(uuid,uuid): guard not-x': [
        "routines/public.edit(uuid,uuid)/body - UPDATE public.notes SET body = 'x'",
        'routines/public.edit(uuid,uuid)/body - WHERE id = p_note',
        'routines/public.edit(uuid,uuid)/body - AND owner_id = p_user',
        "routines/public.edit(uuid,uuid)/body - AND body <> ''",
        'routines/public.edit(uuid,uuid)/body - AND NOT (',
        "routines/public.edit(uuid,uuid)/body - body = 'x'",
        'routines/public.edit(uuid,uuid)/body - );',
        'routines/public.edit(uuid,uuid)/body - u.id = n.owner_id AND n.id = p_note',
        "routines/public.edit(uuid,uuid)/body + UPDATE public.notes SET body = 'x' WHERE id = p_note AND owner_id = p_user AND body <> '' AND NOT (false);",
        'routines/public.edit(uuid,uuid)/body + u.id = n.owner_id AND n.id = p_note;',
      ],
      'routine-guard-marked function public.edit(uuid,uuid): guard all': [
        'routines/public.edit(uuid,uuid)/body - DELETE FROM public.notes n USING auth.users u WHERE',
        'routines/public.edit(uuid,uuid)/body - u.id = n.owner_id AND n.id = p_note',
        'routines/public.edit(uuid,uuid)/body + DELETE FROM public.notes AS n USING auth.users AS u WHERE true;',
      ],
    },
  },
  {
    sql: `${NOTES}
      CREATE FUNCTION public.badly(p_note uuid) RETURNS int LANGUAGE plpgsql AS $$
      BEGIN
        -- guard: statement
        IF p_note IS NULL THEN RETURN 0; END IF;
        -- guard: statement
        DELETE FROM public.notes WHERE id = p_note
          -- guard: half
          AND owner_id = auth.uid() OR body = 'x'
          -- guard: half
          -- guard: open
          AND body <> '';
        RETURN
          -- guard: value
          1
          -- guard: value
          + 1;
      END $$;`,
    mutants: {},
    skipped: [
      'public.badly(uuid): function public.badly(uuid): guard statement: what stands between its marks is no condition of its own',
      'public.badly(uuid): function public.badly(uuid): guard half: what stands between its marks is no condition of its own',
      'public.badly(uuid): function public.badly(uuid): guard value: what stands between its marks decides nothing that is known',
      'public.badly(uuid): function public.badly(uuid): guard open: its mark has no other end',
    ],
  },
  {
    sql: `
      CREATE FUNCTION public.answer(p_user uuid, p_text text) RETURNS text LANGUAGE plpgsql AS $$
      BEGIN
        IF
          -- guard: known
          p_text = 'known'
          -- guard: known
        THEN
          RETURN p_text;
        ELSIF
          -- guard: late
          p_text = 'late'
          -- guard: late
        THEN
          RETURN public.refused('late');
        ELSIF
          -- guard: own
          p_user = auth.uid()
          -- guard: own
        THEN
          RETURN upper(p_text);
        END IF;
        RAISE EXCEPTION 'no';
      END $$;
      CREATE FUNCTION public.part(p_user uuid) RETURNS int LANGUAGE sql AS $$
        SELECT CASE WHEN
          -- guard: half
          p_user = auth.uid()
          -- guard: half
        THEN 1 ELSE 2 END
      $$;
      CREATE FUNCTION public.whole(p_user uuid) RETURNS int LANGUAGE sql AS $$
        SELECT CASE WHEN
          -- guard: own
          p_user = auth.uid()
          -- guard: own
        THEN 1 ELSE NULL END
      $$;`,
    mutants: {
      'routine-guard-marked function public.answer(uuid,text): guard known': [
        "routines/public.answer(uuid,text)/body - IF p_text = 'known' THEN",
        'routines/public.answer(uuid,text)/body + IF false THEN',
      ],
      'routine-guard-marked function public.answer(uuid,text): guard late': [
        "routines/public.answer(uuid,text)/body - ELSIF p_text = 'late' THEN",
        'routines/public.answer(uuid,text)/body + ELSIF false THEN',
      ],
      'routine-guard-marked function public.answer(uuid,text): guard own': [
        'routines/public.answer(uuid,text)/body - ELSIF p_user = auth.uid() THEN',
        'routines/public.answer(uuid,text)/body + ELSIF true THEN',
      ],
      'routine-guard-marked function public.part(uuid): guard half': [
        'routines/public.part(uuid)/body - WHEN p_user = auth.uid() THEN 1',
        'routines/public.part(uuid)/body + WHEN false THEN 1',
      ],
      'routine-guard-marked function public.whole(uuid): guard own': [
        'routines/public.whole(uuid)/body - WHEN p_user = auth.uid() THEN 1',
        'routines/public.whole(uuid)/body + WHEN true THEN 1',
      ],
    },
  },
];
