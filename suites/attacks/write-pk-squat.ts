/** Takes the numbers that a sequence will give next. */

import { insert } from '../../fixtures/act/sql.ts';
import { isClosed } from '../../fixtures/engine/closed.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import { feeding, spelled } from '../../fixtures/engine/sequences.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Column, Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Observation, Probe } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { namedIn } from '../../fixtures/oracles/ownership.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import { NUMBERED } from '../plants.ts';

export const attack: Attack = {
  id: 'write-pk-squat',
  group: 'table write',
  severity: 'low',
  title: 'takes numbers that a sequence will give to others',
  explains:
    'Who may insert into the key column says which number the row gets; when the sequence comes to it, somebody’s plain insert fails as a duplicate. GENERATED ALWAYS is no guard: OVERRIDING SYSTEM VALUE needs no privilege. Granting INSERT on the other columns alone is.',
  plants: [
    {
      platform: 'supabase',
      base: NUMBERED,
      plant: 'GRANT INSERT ON public.invoices TO authenticated;',
      repair:
        'REVOKE INSERT ON public.invoices FROM anon, authenticated; GRANT INSERT (owner_id, label) ON public.invoices TO authenticated;',
    },
  ],
  *trials(scene) {
    const tables = scene.catalog.relations.filter(isOwnTable);
    for (const [schema, relations] of Map.groupBy(tables, (one) => one.schema)) {
      const [persona] = scene.attackers.filter(({ user }) => user !== null);
      const squats = persona ? relations.flatMap((relation) => squatsIn(scene, relation, persona)) : [];
      if (!persona || squats.length === 0) continue;
      yield {
        surface: { kind: 'schema', name: schema, verb: 'insert' },
        persona,
        shape: 'watched',
        probes: squats.map(({ probe }) => probe),
        judge: (observations) => judge(persona, squats, observations),
      };
    }
  },
};

interface Squat {
  readonly relation: Relation;
  readonly column: Column;
  readonly taken: number;
  readonly probe: Probe;
}

/** Numbers that a table's small test rows leave free. */
const AHEAD = 1_000;
const MOST_ROWS = 2;

function squatsIn(scene: Scene, relation: Relation, persona: Persona): readonly Squat[] {
  if (isClosed(scene.catalog, relation, persona.role, 'insert')) return [];
  const granted = columnsWith(scene.catalog, relation, persona.role, 'INSERT');
  return relation.columns
    .filter((column) => granted.includes(column.name) && isKey(relation, column.name))
    .flatMap((column) => {
      const sequence = feeding(scene, relation, column);
      if (!sequence) return [];
      const used = rowsOf(scene, relation.name).map(({ values }) => Number(values[column.name] ?? 0));
      const last = Math.max(0, ...used) + AHEAD;
      const taken = last + 1;
      // A row that names the caller is likeliest to be theirs to make.
      const rows = rowsToInsert(scene, relation, persona).filter((values) => {
        const named = namedIn(scene, relation.name, values);
        return named.length === 0 || named.every((user) => user === persona.user);
      });
      return rows.slice(0, MOST_ROWS).map((values) => ({
        relation,
        column,
        taken,
        probe: {
          persona,
          given: [`SELECT setval(${literal(spelled(sequence))}, ${last})`],
          sql: insert(relation, { ...values, [column.name]: taken }),
        },
      }));
    });
}

function isKey({ constraints }: Relation, column: string): boolean {
  return constraints.some(
    ({ kind, columns }) => (kind === 'primary' || kind === 'unique') && columns.length === 1 && columns[0] === column,
  );
}

function judge(persona: Persona, squats: readonly Squat[], observations: readonly Observation[]): Verdict {
  const hits = squats.flatMap((squat, at) => {
    const made = (observations[at]?.changes ?? []).some(
      ({ relation, before, after }) =>
        relation === squat.relation.name && before === null && after?.[squat.column.name] === squat.taken,
    );
    return made ? [{ at, name: `${squat.relation.name}.${squat.column.name}` }] : [];
  });
  const [first] = hits;
  if (!first) return { state: 'held' };
  const names = [...new Set(hits.map(({ name }) => name))];
  return {
    state: 'broken',
    expected: `only sequences give numbers to ${names.join(', ')}`,
    observed: `${persona.name} inserted a row with the number that the sequence gives next in ${names.join(', ')}`,
    columns: names,
    at: first.at,
  };
}
