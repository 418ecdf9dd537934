/** Logs in as roles of the project which row security does not bind, or which can become one that it does not bind. */

import { select } from '../../fixtures/act/sql.ts';
import { becomes, isCaretaker, isOfProject, personLoggedInAs, projectLogins } from '../../fixtures/engine/logins.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Catalog, Relation, Role } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { rowsShown } from '../../fixtures/oracles/reading.ts';
import { login, NOTES, OWN_NOTES } from '../plants.ts';

const ANALYST = `
${login('plant_analyst')}
GRANT USAGE ON SCHEMA public TO plant_analyst;
GRANT SELECT ON public.notes TO plant_analyst;`;

export const attack: Attack = {
  id: 'read-bypassrls-role',
  group: 'table read',
  severity: 'medium',
  title: 'is bound by no policy',
  explains:
    'A login with BYPASSRLS, or one that may SET ROLE to such a role, reads everybody’s rows of every table it was granted. Roles whose name says that they migrate, serve or copy are left as a question.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES + ANALYST,
      plant: 'ALTER ROLE plant_analyst BYPASSRLS;',
      repair: 'ALTER ROLE plant_analyst NOBYPASSRLS;',
    },
  ],
  *trials(scene) {
    for (const login of projectLogins(scene)) {
      for (const role of becomes(scene.catalog, login).filter((one) => one.superuser || one.bypassRls)) {
        const persona = personLoggedInAs(scene, login, role);
        const tables = scene.catalog.relations.filter((one) => isOwnTable(one) && isOpen(scene.catalog, one, role));
        if (persona && tables.length > 0) yield trial(scene, persona, role, tables.slice(0, MOST_TABLES));
      }
    }
  },
};

const MOST_TABLES = 8;

function isOpen(catalog: Catalog, relation: Relation, role: Role): boolean {
  if (!relation.rowSecurity || relation.policies.length === 0) return false;
  return role.superuser || columnsWith(catalog, relation, role.name, 'SELECT').length === relation.columns.length;
}

function trial(scene: Scene, persona: Persona, role: Role, tables: readonly Relation[]): Trial {
  return {
    surface: { kind: 'role', name: persona.login ?? role.name, verb: 'select' },
    persona,
    shape: 'watched',
    probes: tables.map((relation) => ({ persona, sql: select(relation, []) })),
    judge: (observations) => judge(scene, persona, role, tables, observations),
  };
}

function judge(
  scene: Scene,
  persona: Persona,
  role: Role,
  tables: readonly Relation[],
  observations: readonly Observation[],
): Verdict {
  const shown = tables.filter((relation, at) => {
    const observation = observations[at];
    return observation && !observation.error && rowsShown(scene, relation, observation).length > 0;
  });
  const [first] = shown;
  if (!first) return { state: 'held' };
  const names = shown.map(({ name }) => name);
  const attribute = role.superuser ? 'a superuser' : 'a role with BYPASSRLS';
  const observed = `${persona.login} is, or becomes, ${attribute} (${role.name}) and saw rows of others in ${names.join(', ')}`;
  if (isCaretaker(role) || !isOfProject(role, scene.source))
    return { state: 'question', observed: `${observed}: is that its task?`, columns: names };
  return {
    state: 'broken',
    expected: `policies bind ${persona.login}`,
    observed,
    columns: names,
    at: tables.indexOf(first),
  };
}
