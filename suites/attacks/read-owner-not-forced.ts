/** Logs in as roles that own tables, in a person's name, and reads what that person may not. */

import { select } from '../../fixtures/act/sql.ts';
import { isCaretaker, ownsUnforced, personLoggedInAs, projectLogins } from '../../fixtures/engine/logins.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation, Role } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { rowsShown } from '../../fixtures/oracles/reading.ts';
import { login } from '../plants.ts';

const LEDGER = `
${login('plant_ledger')}
GRANT USAGE ON SCHEMA public TO plant_ledger;
CREATE TABLE public.entries (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  firm text NOT NULL,
  body text NOT NULL
);
ALTER TABLE public.entries ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own firm" ON public.entries USING (firm = current_setting('app.firm', true));`;

export const attack: Attack = {
  id: 'read-owner-not-forced',
  group: 'table read',
  severity: 'high',
  title: 'owns tables, so their policies do not bind it',
  explains:
    'Row security does not bind a table’s owner, nor members of that role, unless it is forced. An application that logs in as the owner reads everybody’s rows.',
  plants: [
    {
      platform: 'plain',
      base: LEDGER,
      plant: 'ALTER TABLE public.entries OWNER TO plant_ledger;',
      repair: 'ALTER TABLE public.entries FORCE ROW LEVEL SECURITY;',
    },
  ],
  *trials(scene) {
    for (const role of projectLogins(scene).filter((one) => !one.superuser && !one.bypassRls && !isCaretaker(one))) {
      const persona = personLoggedInAs(scene, role);
      const owned = scene.catalog.relations.filter((one) => isOwnTable(one) && ownsUnforced(scene.catalog, one, role));
      if (persona && owned.length > 0) yield trial(scene, role, persona, owned.slice(0, MOST_TABLES));
    }
  },
};

const MOST_TABLES = 8;

function trial(scene: Scene, role: Role, persona: Persona, owned: readonly Relation[]): Trial {
  return {
    surface: { kind: 'role', name: role.name, verb: 'select' },
    persona,
    shape: 'watched',
    probes: owned.map((relation) => ({ persona, sql: select(relation, []) })),
    judge: (observations) => judge(scene, role, owned, observations),
  };
}

function judge(scene: Scene, role: Role, owned: readonly Relation[], observations: readonly Observation[]): Verdict {
  const shown = owned.filter((relation, at) => {
    const observation = observations[at];
    return observation && !observation.error && rowsShown(scene, relation, observation).length > 0;
  });
  const [first] = shown;
  if (!first) return { state: 'held' };
  const names = shown.map(({ name }) => name);
  const observed = `${role.name} owns ${names.join(', ')} without FORCE ROW LEVEL SECURITY, and saw rows of others there`;
  // Where another login was given the table, the owner may be who migrates.
  if (scene.platform === 'plain' && shown.every((relation) => isServedToOthers(scene, relation, role)))
    return { state: 'question', observed: `${observed}: does the application log in as ${role.name}?`, columns: names };
  return {
    state: 'broken',
    expected: `policies bind ${role.name}, which the application can log in as`,
    observed,
    columns: names,
    at: owned.indexOf(first),
  };
}

function isServedToOthers({ catalog }: Scene, { grants, owner }: Relation, { name }: Role): boolean {
  return grants.some(({ grantee }) => {
    const role = catalog.roles.find((one) => one.name === grantee);
    return role !== undefined && grantee !== owner && grantee !== name && !role.superuser;
  });
}
