/** What emptying a routine's refusals changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE FUNCTION public.must_own(p_note uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN
        IF NOT EXISTS (SELECT FROM public.notes WHERE id = p_note AND owner_id = auth.uid()) THEN
          RAISE EXCEPTION 'not yours' USING ERRCODE = '42501'; -- as row security would say
        END IF;
      END $$;
      CREATE FUNCTION public.rename(p_note uuid, p_body text, p_kind text) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN
        PERFORM public.must_own(p_note);
        IF p_body IS NULL THEN RETURN jsonb_build_object('ok', false); ELSIF p_body = '' THEN RAISE EXCEPTION 'empty'; END IF;
        CASE p_kind WHEN 'short' THEN p_body := left(p_body, 9); ELSE RAISE EXCEPTION 'no such kind: %', p_kind; END CASE;
        IF p_body = 'same' THEN RETURN to_jsonb(p_body); END IF;
        UPDATE public.notes SET body = p_body WHERE id = p_note;
        IF NOT FOUND THEN
          RAISE EXCEPTION 'gone';
        END IF;
        RETURN '{"ok": true}';
      EXCEPTION WHEN check_violation THEN RAISE EXCEPTION 'bad body';
      END $$;
      CREATE FUNCTION public.drop_note(p_note uuid) RETURNS void LANGUAGE sql AS $$
        SELECT public.must_own(p_note);
        DELETE FROM public.notes WHERE id = p_note;
      $$;`,
    mutants: {
      'routine-guard-emptied function public.drop_note(uuid): SELECT public.must_own(p_note)': [
        'routines/public.drop_note(uuid)/body - SELECT public.must_own(p_note)',
      ],
      'routine-guard-emptied function public.must_own(uuid): IF NOT (EXISTS (SELECT FROM public.notes WHERE id = p_note AND owner_id = auth.…':
        ["routines/public.must_own(uuid)/body - RAISE EXCEPTION 'not yours' USING ERRCODE = '42501';"],
      'routine-guard-emptied function public.rename(uuid,text,text): PERFORM public.must_own(p_note)': [
        'routines/public.rename(uuid,text,text)/body - PERFORM public.must_own(p_note);',
      ],
      'routine-guard-emptied function public.rename(uuid,text,text): IF p_body IS NULL': [
        "routines/public.rename(uuid,text,text)/body - RETURN jsonb_build_object('ok', false);",
      ],
      "routine-guard-emptied function public.rename(uuid,text,text): ELSIF p_body = ''": [
        "routines/public.rename(uuid,text,text)/body - RAISE EXCEPTION 'empty';",
      ],
      "routine-guard-emptied function public.rename(uuid,text,text): ELSE RAISE EXCEPTION 'no such kind: %'": [
        "routines/public.rename(uuid,text,text)/body - RAISE EXCEPTION 'no such kind: %', p_kind;",
        'routines/public.rename(uuid,text,text)/body + ASSERT true;',
      ],
      'routine-guard-emptied function public.rename(uuid,text,text): IF NOT (found)': [
        "routines/public.rename(uuid,text,text)/body - RAISE EXCEPTION 'gone';",
      ],
      "routine-guard-emptied function public.rename(uuid,text,text): RAISE EXCEPTION 'bad body'": [
        "routines/public.rename(uuid,text,text)/body - RAISE EXCEPTION 'bad body';",
      ],
    },
  },
];
