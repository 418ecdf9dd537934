/** What changing a foreign key's action changes. */

import type { Example } from '../mutate-operators.ts';

const at = (name: string) => `relations/public.seats/constraints/seats_${name}_fkey`;
const key = (name: string, clause: string) =>
  `fk-action-changed constraint public.seats "seats_${name}_fkey" ${clause}`;
const said = (name: string, actions: string) =>
  `${at(name)}/definition → FOREIGN KEY (${name}) REFERENCES public.teams(id)${actions}`;

export const examples: readonly Example[] = [
  {
    sql: `
      CREATE TABLE public.teams (id int PRIMARY KEY);
      CREATE TABLE public.seats (
        kept int REFERENCES public.teams,
        refused int REFERENCES public.teams ON DELETE RESTRICT ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
        gone int REFERENCES public.teams ON DELETE CASCADE ON UPDATE RESTRICT,
        emptied int REFERENCES public.teams ON DELETE SET NULL
      );`,
    mutants: {
      [key('emptied', 'ON DELETE')]: [
        said('emptied', ' ON DELETE CASCADE'),
        `${at('emptied')}/references/onDelete → cascade`,
      ],
      [key('gone', 'ON DELETE')]: [
        said('gone', ' ON UPDATE RESTRICT'),
        `${at('gone')}/references/onDelete → no action`,
      ],
      [key('gone', 'ON UPDATE')]: [
        said('gone', ' ON UPDATE CASCADE ON DELETE CASCADE'),
        `${at('gone')}/references/onUpdate → cascade`,
      ],
      [key('kept', 'ON DELETE')]: [said('kept', ' ON DELETE CASCADE'), `${at('kept')}/references/onDelete → cascade`],
      [key('refused', 'ON DELETE')]: [
        said('refused', ' ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED'),
        `${at('refused')}/references/onDelete → cascade`,
      ],
      [key('refused', 'ON UPDATE')]: [
        said('refused', ' ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED'),
        `${at('refused')}/references/onUpdate → no action`,
      ],
    },
  },
  {
    // The printer forgets which columns are set to NULL: then nothing is changed at all.
    sql: `
      CREATE TABLE public.teams (org int, id int, PRIMARY KEY (org, id));
      CREATE TABLE public.seats (
        org int,
        team int,
        FOREIGN KEY (org, team) REFERENCES public.teams ON DELETE SET NULL (team)
      );`,
    mutants: {},
    skipped: ['public.seats: "seats_org_team_fkey" cannot be said again from its parse tree'],
  },
];
