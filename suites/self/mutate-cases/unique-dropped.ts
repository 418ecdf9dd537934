/** What dropping a key changes. */

import type { Example } from '../mutate-operators.ts';

const codes = 'relations/public.codes';

export const examples: readonly Example[] = [
  {
    // What a foreign key needs cannot be dropped; a partial index on the same column serves no foreign key.
    sql: `
      CREATE TABLE public.teams (id int PRIMARY KEY, slug text UNIQUE NULLS NOT DISTINCT);
      CREATE UNIQUE INDEX first ON public.teams (id) WHERE id < 9;
      CREATE TABLE public.codes (team_id int REFERENCES public.teams, code text, PRIMARY KEY (team_id, code));
      CREATE UNIQUE INDEX "any case" ON public.codes (lower(code)) INCLUDE (team_id);
      CREATE INDEX slow ON public.codes (code);`,
    mutants: {
      'unique-dropped constraint public.codes "codes_pkey"': [
        `- ${codes}/constraints/codes_pkey`,
        `- ${codes}/indexes/codes_pkey`,
      ],
      'unique-dropped constraint public.teams "teams_slug_key"': [
        '- relations/public.teams/constraints/teams_slug_key',
        '- relations/public.teams/indexes/teams_slug_key',
      ],
      'unique-dropped constraint public.codes "any case"': [`- ${codes}/indexes/any case`],
      'unique-dropped constraint public.teams "first"': ['- relations/public.teams/indexes/first'],
    },
    skipped: [
      'public.teams: the foreign key "codes_team_id_fkey" needs "teams_pkey", and would have to be dropped first',
    ],
  },
  {
    // Partitions' keys go with their parent's.
    sql: `
      CREATE TABLE public.events (region text, day date, PRIMARY KEY (region, day)) PARTITION BY LIST (region);
      CREATE UNIQUE INDEX days ON public.events (day, region);
      CREATE TABLE public.events_eu PARTITION OF public.events FOR VALUES IN ('eu');`,
    mutants: {
      'unique-dropped constraint public.events "events_pkey"': [
        '- relations/public.events/constraints/events_pkey',
        '- relations/public.events/indexes/events_pkey',
        '- relations/public.events_eu/constraints/events_eu_pkey',
        '- relations/public.events_eu/indexes/events_eu_pkey',
      ],
      'unique-dropped constraint public.events "days"': [
        '- relations/public.events/indexes/days',
        '- relations/public.events_eu/indexes/events_eu_day_region_idx',
      ],
    },
  },
];
