/** Flows of members by their role: also of roles that nobody in the made-up rows has. */

import { afterAll, expect, inject, test } from 'vitest';
import { observeAccess } from '../../fixtures/engine/access.ts';
import { openLab } from '../../fixtures/lab/lab.ts';
import { projectOf } from './project-of.ts';

const TEAMS = `
CREATE TABLE public.teams (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
CREATE TABLE public.members (
  team_id uuid NOT NULL REFERENCES public.teams (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES auth.users (id),
  role text NOT NULL DEFAULT 'viewer' CHECK (role IN ('viewer', 'admin')),
  PRIMARY KEY (team_id, user_id)
);
ALTER TABLE public.teams ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.members ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.teams, public.members FROM anon;
CREATE POLICY own ON public.members FOR SELECT TO authenticated USING (user_id = auth.uid());
CREATE POLICY seen ON public.teams FOR SELECT TO authenticated
  USING (EXISTS (SELECT 1 FROM public.members AS m WHERE m.team_id = teams.id AND m.user_id = auth.uid()));
CREATE POLICY led ON public.teams FOR UPDATE TO authenticated
  USING (EXISTS (SELECT 1 FROM public.members AS m WHERE m.team_id = teams.id AND m.user_id = auth.uid() AND m.role = 'admin'));`;

const lab = openLab(inject('server'));
afterAll(() => lab[Symbol.asyncDispose]());

test('what an admin may do is told apart from what a viewer may', async () => {
  const project = await projectOf({ '1_teams.sql': TEAMS });
  const { changes } = await observeAccess(lab, { project, seed: inject('seed') });
  expect(changes.flatMap(({ lines }) => lines).toSorted()).toEqual([
    '+ public.members  user_id: select',
    '+ public.teams  members[role=admin]: select',
    '+ public.teams  members[role=admin]: update (name)',
    '+ public.teams  members[role=viewer]: select',
  ]);
});
