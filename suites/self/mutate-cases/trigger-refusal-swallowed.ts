/** What swallowing what a trigger refuses changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'UPDATE' THEN
          IF NEW.owner_id IS DISTINCT FROM OLD.owner_id THEN
            RAISE EXCEPTION 'the owner stays' USING ERRCODE = '42501', HINT = NEW.id;
          END IF;
        ELSIF NEW.body = '' THEN
          RETURN NULL;
        END IF;
        NEW.body := trim(NEW.body);
        RETURN NEW;
      END $$;
      CREATE TRIGGER keep BEFORE INSERT OR UPDATE ON public.notes FOR EACH ROW EXECUTE FUNCTION public.keep();
      CREATE FUNCTION public.stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.body = 'x' THEN RETURN NULL; END IF; RETURN OLD; END $$;
      CREATE TRIGGER stay BEFORE DELETE ON public.notes FOR EACH ROW EXECUTE FUNCTION public.stay();
      CREATE FUNCTION public.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
      CREATE TRIGGER tell AFTER DELETE ON public.notes FOR EACH ROW EXECUTE FUNCTION public.tell();
      CREATE FUNCTION public.idle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;`,
    mutants: {
      'trigger-refusal-swallowed function public.keep(): IF new.owner_id IS DISTINCT FROM old.owner_id': [
        "routines/public.keep()/body - RAISE EXCEPTION 'the owner stays' USING ERRCODE = '42501', HINT = NEW.id;",
      ],
      'trigger-refusal-swallowed function public.keep(): RETURN NULL': [
        'routines/public.keep()/body - RETURN NULL;',
        'routines/public.keep()/body + RETURN NEW;',
      ],
      'trigger-refusal-swallowed function public.stay(): RETURN NULL': [
        'routines/public.stay()/body - RETURN NULL;',
        'routines/public.stay()/body + RETURN OLD;',
      ],
    },
    skipped: ['public.idle(): no trigger calls it'],
  },
];
