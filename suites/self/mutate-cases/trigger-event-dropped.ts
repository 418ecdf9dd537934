/** What taking one event from a trigger changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

const key = (event: string) => `trigger-event-dropped trigger public.notes "touch" ${event}`;
const at = 'triggers/public.notes.touch';
const rest = 'ON public.notes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (true) EXECUTE FUNCTION public.touch';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
      CREATE CONSTRAINT TRIGGER touch AFTER INSERT OR DELETE OR UPDATE OF body, owner_id ON public.notes
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (true) EXECUTE FUNCTION public.touch('it''s', '1');
      ALTER TABLE public.notes ENABLE ALWAYS TRIGGER touch;
      CREATE TRIGGER once BEFORE INSERT ON public.notes FOR EACH ROW EXECUTE FUNCTION public.touch();`,
    mutants: {
      [key('INSERT')]: [
        `${at}/events → ["update","delete"]`,
        `${at}/definition → CREATE CONSTRAINT TRIGGER touch AFTER DELETE OR UPDATE OF body, owner_id ${rest}('it''s', '1')`,
      ],
      [key('UPDATE')]: [
        `${at}/events → ["insert","delete"]`,
        `${at}/definition → CREATE CONSTRAINT TRIGGER touch AFTER INSERT OR DELETE ${rest}('it''s', '1')`,
      ],
      [key('DELETE')]: [
        `${at}/events → ["insert","update"]`,
        `${at}/definition → CREATE CONSTRAINT TRIGGER touch AFTER INSERT OR UPDATE OF body, owner_id ${rest}('it''s', '1')`,
      ],
    },
  },
];
