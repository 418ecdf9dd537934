/** What a grant to a client role changes. */

import { login, NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

const grants = 'relations/public.notes/grants';

export const examples: readonly Example[] = [
  {
    // Of PUBLIC only where more than one role gains by it; of what is held in part, nothing.
    sql: `${NOTES}
      REVOKE ALL ON public.notes FROM anon, authenticated;
      GRANT SELECT ON public.notes TO PUBLIC;
      GRANT INSERT ON public.notes TO authenticated;
      GRANT UPDATE (body) ON public.notes TO anon, authenticated;`,
    mutants: {
      'grant-added grants on public.notes INSERT TO anon': [`+ ${grants}/anon INSERT`],
      'grant-added grants on public.notes DELETE TO anon': [`+ ${grants}/anon DELETE`],
      'grant-added grants on public.notes DELETE TO authenticated': [`+ ${grants}/authenticated DELETE`],
      'grant-added grants on public.notes DELETE TO public': [`+ ${grants}/public DELETE`],
    },
  },
  {
    // A view of one table can be written through, one that gathers rows cannot, a materialized one never.
    sql: `${NOTES}
      CREATE VIEW public.plain AS SELECT * FROM public.notes;
      CREATE VIEW public.counted AS SELECT body, count(*) FROM public.notes GROUP BY body;
      CREATE VIEW public.joined AS SELECT a.body FROM public.notes a, public.notes b;
      CREATE MATERIALIZED VIEW public.kept AS SELECT * FROM public.notes;
      REVOKE ALL ON public.plain, public.counted, public.joined, public.kept FROM anon;`,
    mutants: {
      'grant-added grants on public.counted SELECT TO anon': ['+ relations/public.counted/grants/anon SELECT'],
      'grant-added grants on public.joined SELECT TO anon': ['+ relations/public.joined/grants/anon SELECT'],
      'grant-added grants on public.kept SELECT TO anon': ['+ relations/public.kept/grants/anon SELECT'],
      'grant-added grants on public.plain SELECT TO anon': ['+ relations/public.plain/grants/anon SELECT'],
      'grant-added grants on public.plain INSERT TO anon': ['+ relations/public.plain/grants/anon INSERT'],
      'grant-added grants on public.plain UPDATE TO anon': ['+ relations/public.plain/grants/anon UPDATE'],
      'grant-added grants on public.plain DELETE TO anon': ['+ relations/public.plain/grants/anon DELETE'],
    },
  },
  {
    // Each client role of a plain project; what it has from a group is held; a schema that it may not use is said.
    platform: 'plain',
    sql: `
      ${login('mutate_writer')} ${login('mutate_reader')} ${login('mutate_other')}
      CREATE ROLE mutate_group;
      GRANT mutate_group TO mutate_writer;
      CREATE SCHEMA app;
      GRANT USAGE ON SCHEMA app TO mutate_reader, mutate_writer;
      CREATE TABLE app."My items" (id int PRIMARY KEY, body text);
      GRANT SELECT, DELETE ON app."My items" TO mutate_group;
      GRANT SELECT, INSERT, UPDATE ON app."My items" TO mutate_reader;
      GRANT INSERT, UPDATE ON app."My items" TO mutate_writer;
      CREATE TABLE public.open (id int);
      GRANT ALL ON public.open TO PUBLIC, mutate_other;`,
    mutants: {
      'grant-added grants on app.My items DELETE TO mutate_reader': [
        '+ relations/app.My items/grants/mutate_reader DELETE',
      ],
    },
    skipped: ['app: mutate_group, mutate_other may not use the schema, so that a grant in it would give nothing'],
  },
];
