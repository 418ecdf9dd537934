/** Reads the statements of other sessions, as each role that requests run as and that may see statistics. */

import { loggedInAs, membershipsOf, requestRoles } from '../../fixtures/engine/project-roles.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { login } from '../plants.ts';

const DIARY = `
${login('plant_reader')}
CREATE TABLE public.diary (id int PRIMARY KEY, body text);
GRANT SELECT ON public.diary TO plant_reader;`;

/** Background processes are in it at any time, and hidden from whoever may not see statistics. */
const OTHERS = `
SELECT count(*) > 0 AS shown FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND query <> '<insufficient privilege>'
AND usename IS DISTINCT FROM session_user AND usename IS DISTINCT FROM current_user`;

export const attack: Attack = {
  id: 'session-activity-text',
  group: 'session',
  severity: 'low',
  reachable: 'database_only',
  title: 'reads the statements of other sessions',
  explains:
    'pg_monitor and pg_read_all_stats show every session’s statement with its literals in pg_stat_activity. It takes a connection of one’s own.',
  plants: [
    {
      platform: 'plain',
      base: DIARY,
      plant: 'GRANT pg_monitor TO plant_reader;',
      repair: 'REVOKE pg_monitor FROM plant_reader;',
    },
  ],
  *trials(scene) {
    for (const { name } of requestRoles(scene)) {
      if (!membershipsOf(scene, name).some((group) => group.name === 'pg_read_all_stats')) continue;
      const persona = loggedInAs(name);
      yield {
        surface: { kind: 'role', name, verb: 'activity' },
        persona,
        shape: 'watched',
        probes: [{ persona, sql: OTHERS }],
        judge: ([observation]): Verdict => {
          if (!observation || observation.error || observation.rows[0]?.[0] !== 't') return { state: 'held' };
          return {
            state: 'broken',
            expected: `${name} sees no statement of anybody else`,
            observed: `${name} saw what other sessions were running`,
            columns: ['pg_stat_activity.query'],
          };
        },
      };
    }
  },
};
