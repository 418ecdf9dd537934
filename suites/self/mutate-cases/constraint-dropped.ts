/** What dropping a constraint changes. */

import type { Example } from '../mutate-operators.ts';

const CHILD = `
  CREATE TABLE public.teams (id int PRIMARY KEY, name text NOT NULL);
  CREATE TABLE public.seats (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    team_id int NOT NULL REFERENCES public.teams ON DELETE SET NULL (team_id) NOT DEFERRABLE,
    "From" int CONSTRAINT "it's positive" CHECK ("From" > 0),
    during int4range,
    EXCLUDE USING gist (during WITH &&) WHERE (team_id > 0)
  );
  CREATE POLICY numbered ON public.seats USING (team_id > 0);`;

const PARTITIONED = `
  CREATE TABLE public.regions (name text PRIMARY KEY) PARTITION BY LIST (name);
  CREATE TABLE public.regions_eu PARTITION OF public.regions FOR VALUES IN ('eu');
  CREATE TABLE public.events (
    region text NOT NULL REFERENCES public.regions,
    day date CHECK (day > '2000-01-01')
  ) PARTITION BY LIST (region);
  CREATE POLICY near ON public.events USING (region = 'eu');
  CREATE TABLE public.events_eu PARTITION OF public.events (CONSTRAINT own CHECK (day < '2100-01-01')) FOR VALUES IN ('eu');
  CREATE TABLE public.base (a int CONSTRAINT small CHECK (a < 9));
  CREATE TABLE public.heir (b int NOT NULL) INHERITS (public.base);
  CREATE POLICY few ON public.heir USING (b > 0);`;

/** NOT NULL counts where a column names people, or a policy or what it calls asks for it. */
const PEOPLE = `
  CREATE TABLE public.profiles (id uuid PRIMARY KEY REFERENCES auth.users, nick text NOT NULL, staff bool NOT NULL);
  CREATE TABLE public.notes (
    author_id uuid NOT NULL REFERENCES public.profiles,
    account_id uuid NOT NULL REFERENCES auth.users,
    state text NOT NULL,
    body text NOT NULL
  );
  CREATE FUNCTION public.is_staff() RETURNS boolean LANGUAGE sql STABLE
    AS 'SELECT p.staff FROM public.profiles AS p WHERE p.id = auth.uid()';
  CREATE POLICY shown ON public.notes USING (state = 'shown' OR public.is_staff());`;

const seats = 'relations/public.seats';

export const examples: readonly Example[] = [
  {
    sql: CHILD,
    mutants: {
      'constraint-dropped constraint public.seats "it\'s positive"': [`- ${seats}/constraints/it's positive`],
      'constraint-dropped constraint public.seats "seats_during_excl"': [
        `- ${seats}/constraints/seats_during_excl`,
        `- ${seats}/indexes/seats_during_excl`,
      ],
      'constraint-dropped constraint public.seats "seats_team_id_fkey"': [`- ${seats}/constraints/seats_team_id_fkey`],
      'constraint-dropped constraint public.seats "team_id NOT NULL"': [`${seats}/columns/team_id/notNull → false`],
    },
  },
  {
    // What a partition or an heir has from its parent goes with the parent's.
    sql: PARTITIONED,
    mutants: {
      'constraint-dropped constraint public.base "small"': [
        '- relations/public.base/constraints/small',
        '- relations/public.heir/constraints/small',
      ],
      'constraint-dropped constraint public.events "events_day_check"': [
        '- relations/public.events/constraints/events_day_check',
        '- relations/public.events_eu/constraints/events_day_check',
      ],
      'constraint-dropped constraint public.events "events_region_fkey"': [
        '- relations/public.events/constraints/events_region_fkey',
        '- relations/public.events/constraints/events_region_fkey1',
        '- relations/public.events_eu/constraints/events_region_fkey',
      ],
      'constraint-dropped constraint public.events_eu "own"': ['- relations/public.events_eu/constraints/own'],
      'constraint-dropped constraint public.events "region NOT NULL"': [
        'relations/public.events/columns/region/notNull → false',
        'relations/public.events_eu/columns/region/notNull → false',
      ],
      'constraint-dropped constraint public.heir "b NOT NULL"': ['relations/public.heir/columns/b/notNull → false'],
    },
  },
  {
    sql: PEOPLE,
    mutants: {
      ...Object.fromEntries(
        ['notes_account_id_fkey', 'notes_author_id_fkey'].map((name) => [
          `constraint-dropped constraint public.notes "${name}"`,
          [`- relations/public.notes/constraints/${name}`],
        ]),
      ),
      'constraint-dropped constraint public.profiles "profiles_id_fkey"': [
        '- relations/public.profiles/constraints/profiles_id_fkey',
      ],
      ...Object.fromEntries(
        ['notes/author_id', 'notes/account_id', 'notes/state', 'profiles/staff'].map((column) => [
          `constraint-dropped constraint public.${column.replace('/', ' "')} NOT NULL"`,
          [`relations/public.${column.replace('/', '/columns/')}/notNull → false`],
        ]),
      ),
    },
  },
];
