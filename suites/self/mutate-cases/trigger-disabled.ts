/** What a trigger that does not fire changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

const TOUCH = `CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';`;

export const examples: readonly Example[] = [
  {
    // A trigger of the project on a table of the platform is the project's.
    sql: `${NOTES} ${TOUCH}
      CREATE TRIGGER "On touch" BEFORE UPDATE ON public.notes FOR EACH ROW EXECUTE FUNCTION public.touch();
      CREATE TRIGGER always BEFORE INSERT ON public.notes FOR EACH ROW EXECUTE FUNCTION public.touch();
      ALTER TABLE public.notes ENABLE ALWAYS TRIGGER always;
      CREATE TRIGGER off BEFORE DELETE ON public.notes FOR EACH ROW EXECUTE FUNCTION public.touch();
      ALTER TABLE public.notes DISABLE TRIGGER off;
      CREATE TRIGGER welcome AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION public.touch();
      CREATE VIEW public.shown AS SELECT * FROM public.notes;
      CREATE TRIGGER instead INSTEAD OF INSERT ON public.shown FOR EACH ROW EXECUTE FUNCTION public.touch();`,
    mutants: {
      'trigger-disabled trigger auth.users "welcome"': ['triggers/auth.users.welcome/enabled → D'],
      'trigger-disabled trigger public.notes "On touch"': ['triggers/public.notes.On touch/enabled → D'],
      'trigger-disabled trigger public.notes "always"': ['triggers/public.notes.always/enabled → D'],
      'trigger-disabled trigger public.shown "instead"': ['- triggers/public.shown.instead'],
    },
  },
  {
    // A partition's copy is its parent's.
    sql: `${TOUCH}
      CREATE TABLE public.events (region text) PARTITION BY LIST (region);
      CREATE TABLE public.events_eu PARTITION OF public.events FOR VALUES IN ('eu');
      CREATE TRIGGER touch BEFORE INSERT ON public.events FOR EACH ROW EXECUTE FUNCTION public.touch();`,
    mutants: {
      'trigger-disabled trigger public.events "touch"': [
        'triggers/public.events.touch/enabled → D',
        'triggers/public.events_eu.touch/enabled → D',
      ],
    },
  },
];
