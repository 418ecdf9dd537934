/** Uses columns whose privilege the migrations took back, while a grant on the whole table still holds. */

import { nameOf, select } from '../../fixtures/act/sql.ts';
import { type ColumnRevoke, columnRevokes } from '../../fixtures/engine/revokes.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { ident } from '../../fixtures/wire/escape.ts';

const STAFF = `
CREATE TABLE public.salaries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  nickname text NOT NULL,
  tax_number text NOT NULL
);
ALTER TABLE public.salaries ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own" ON public.salaries TO authenticated USING (person_id = auth.uid()) WITH CHECK (person_id = auth.uid());`;

export const attack: Attack = {
  id: 'read-column-revoke-noop',
  group: 'table read',
  severity: 'high',
  title: 'uses a column whose privilege was revoked',
  explains:
    'REVOKE of a column takes nothing away from who holds the privilege on the whole table. Each column that a migration revoked is read, or written, in the role’s name.',
  plants: [
    {
      platform: 'supabase',
      base: STAFF,
      plant: 'REVOKE SELECT (tax_number) ON public.salaries FROM anon, authenticated;',
      repair:
        'REVOKE SELECT ON public.salaries FROM anon, authenticated; GRANT SELECT (id, person_id, nickname) ON public.salaries TO authenticated;',
    },
  ],
  *trials(scene) {
    for (const revoke of columnRevokes(scene.catalog, scene.source)) {
      for (const persona of scene.attackers.filter((one) => isMeant(scene, revoke, one))) yield trial(revoke, persona);
    }
  },
};

/** Of a revoke from PUBLIC, roles to which the table was granted by name were hardly meant. */
function isMeant(scene: Scene, { roles }: ColumnRevoke, { role }: Persona): boolean {
  return roles.includes(role) || (roles.includes('public') && scene.platform === 'supabase' && role === 'anon');
}

/** Whether a column may be written shows without a row; what may be read, only by a row. */
function trial({ relation, verb, columns, roles }: ColumnRevoke, persona: Persona): Trial {
  const name = nameOf(relation);
  const statements = columns.map((column) => {
    if (verb === 'select') return select(relation, [column]);
    if (verb === 'update') return `UPDATE ${name} SET ${ident(column)} = DEFAULT WHERE false`;
    return `INSERT INTO ${name} (${ident(column)}) SELECT NULL::${typeOf(relation, column)} WHERE false`;
  });
  return {
    surface: { kind: 'relation', name: relation.name, verb },
    persona,
    shape: 'rolled back',
    probes: statements.map((sql) => ({ persona, sql })),
    judge: (observations) => judge({ relation, verb, columns, roles }, persona, observations),
  };
}

function typeOf({ columns }: Relation, column: string): string {
  return columns.find(({ name }) => name === column)?.type ?? 'text';
}

function judge(
  { relation, verb, columns, roles }: Omit<ColumnRevoke, 'said'>,
  persona: Persona,
  observations: readonly Observation[],
): Verdict {
  const used = columns.filter((_, at) => isUsed(verb, observations[at]));
  if (used.length === 0) return { state: 'held' };
  return {
    state: 'broken',
    expected: `${verb} of ${used.join(', ')} was revoked from ${roles.join(', ')}, so it is refused`,
    observed: `${persona.name} may still ${verb} ${used.join(', ')}: the privilege on the whole table still holds`,
    columns: used.map((column) => `${relation.name}.${column}`),
    at: columns.indexOf(used[0] ?? ''),
  };
}

function isUsed(verb: string, observation: Observation | undefined): boolean {
  return observation !== undefined && observation.error === null && (verb !== 'select' || observation.rows.length > 0);
}
