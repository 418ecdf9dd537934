/** What leaving out a condition of a view's WHERE changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

const WIDE = ' SELECT id,\n    body\n   FROM public.notes';

const TAGS = ' SELECT tags.tag\n   FROM public.tags';
const BODIES = ' SELECT notes.body AS tag\n   FROM public.notes';
const both = (one: string, other: string) => `relations/public.both/definition → ${one}\nUNION ALL\n${other};`;
const tagged = (by: string) =>
  `\n  WHERE (EXISTS ( SELECT\n           FROM public.tags${by && `\n          WHERE (tags.tag${by})`}))`;

export const examples: readonly Example[] = [
  {
    // Options and grants of the view stay.
    sql: `${NOTES}
      CREATE VIEW public.mine WITH (security_barrier = true, security_invoker = on) AS
        SELECT id, body FROM public.notes WHERE owner_id = auth.uid() AND (body <> '' OR body IS NULL)
        WITH LOCAL CHECK OPTION;
      CREATE VIEW public.all AS SELECT id FROM public.notes;
      GRANT SELECT ON public.mine TO PUBLIC;`,
    mutants: {
      'view-filter-dropped view public.mine: WHERE 1': [
        `relations/public.mine/definition → ${WIDE}\n  WHERE ((body <> ''::text) OR (body IS NULL));`,
      ],
      'view-filter-dropped view public.mine: WHERE 2': [
        `relations/public.mine/definition → ${WIDE}\n  WHERE (owner_id = auth.uid());`,
      ],
    },
  },
  {
    // Each side of a UNION, and queries within the query.
    sql: `${NOTES}
      CREATE TABLE public.tags (tag text);
      CREATE VIEW public.both AS
        SELECT tag FROM public.tags WHERE tag <> ''
        UNION ALL
        SELECT body FROM public.notes WHERE EXISTS (SELECT FROM public.tags WHERE tag = body);
      CREATE MATERIALIZED VIEW public.kept AS SELECT id FROM public.notes WHERE body <> '';`,
    mutants: {
      'view-filter-dropped view public.both: WHERE 1': [both(TAGS, `${BODIES}${tagged(' = notes.body')}`)],
      'view-filter-dropped view public.both: WHERE 2': [both(`${TAGS}\n  WHERE (tags.tag <> ''::text)`, BODIES)],
      'view-filter-dropped view public.both: WHERE 3': [
        both(`${TAGS}\n  WHERE (tags.tag <> ''::text)`, `${BODIES}${tagged('')}`),
      ],
    },
    skipped: ['public.kept: a materialized view cannot be replaced'],
  },
];
