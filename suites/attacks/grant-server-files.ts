/** Reads a file of the server as each role of the project. */

import { loggedInAs, projectRoles } from '../../fixtures/engine/project-roles.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { login } from '../plants.ts';

const LOGIN = `
${login('plant_clerk')}
CREATE TABLE public.lines (id int PRIMARY KEY, body text);
GRANT SELECT ON public.lines TO plant_clerk;`;

/** What gives a file, a folder or the files' owner to whoever may run it. */
const WAYS = [
  "SELECT pg_read_file('PG_VERSION')",
  "SELECT pg_read_file('PG_VERSION', 0, 1)",
  "SELECT pg_read_binary_file('PG_VERSION')",
  "SELECT name FROM pg_ls_dir('.') AS name LIMIT 1",
  'SELECT name FROM pg_ls_logdir() LIMIT 1',
  "SELECT role FROM unnest(ARRAY['pg_execute_server_program', 'pg_write_server_files']) AS role WHERE pg_has_role(current_user, role, 'MEMBER')",
] as const;

export const attack: Attack = {
  id: 'grant-server-files',
  group: 'grant',
  severity: 'low',
  reachable: 'database_only',
  title: 'reads files of the server',
  explains:
    'Each role of the project tries the functions that read files and folders of the server, and whether it may write files or start programs through COPY.',
  plants: [
    {
      platform: 'plain',
      base: LOGIN,
      plant: 'GRANT EXECUTE ON FUNCTION pg_read_binary_file(text) TO plant_clerk;',
      repair: 'REVOKE EXECUTE ON FUNCTION pg_read_binary_file(text) FROM plant_clerk;',
    },
    {
      platform: 'plain',
      base: LOGIN,
      plant: 'GRANT pg_write_server_files TO plant_clerk;',
      repair: 'REVOKE pg_write_server_files FROM plant_clerk;',
    },
  ],
  *trials(scene) {
    for (const { name } of projectRoles(scene)) {
      const persona = loggedInAs(name);
      yield {
        surface: { kind: 'role', name, verb: 'read_file' },
        persona,
        shape: 'watched',
        probes: WAYS.map((sql) => ({ persona, sql })),
        judge: (observations) => judge(name, observations),
      };
    }
  },
};

function judge(role: string, observations: readonly Observation[]): Verdict {
  const at = observations.findIndex(({ error, rows }) => error === null && rows.length > 0);
  const shown = observations[at];
  if (!shown) return { state: 'held' };
  return {
    state: 'broken',
    expected: `${role} has nothing to do with the files of the server`,
    observed: `${role} ran ${shown.probe.sql}`,
    columns: [],
    at,
  };
}
