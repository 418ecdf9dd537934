/** Writes a row of its own whose value a policy cannot cast, and looks whether others can still read. */

import { insert, update, where } from '../../fixtures/act/sql.ts';
import { askedFor } from '../../fixtures/engine/asked.ts';
import { isClosed } from '../../fixtures/engine/closed.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { isOwnTable, selectFor } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { concerns } from '../../fixtures/oracles/ownership.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { type Poison, poisonsIn } from '../../fixtures/populate/casts.ts';

const TICKETS = `
CREATE TABLE public.tickets (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  author_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  details jsonb NOT NULL DEFAULT '{}'
);
ALTER TABLE public.tickets ENABLE ROW LEVEL SECURITY;
CREATE POLICY "write" ON public.tickets FOR INSERT TO authenticated WITH CHECK (author_id = auth.uid());`;

export const attack: Attack = {
  id: 'read-poison-row',
  group: 'table read',
  severity: 'medium',
  title: 'stops everybody from reading by one row of their own',
  explains:
    'A policy casts a column that its users write. One value that the cast refuses makes every reader’s query fail (22P02, 22003), so anybody switches the table off for all.',
  plants: [
    {
      platform: 'supabase',
      base: TICKETS,
      plant: `CREATE POLICY "read" ON public.tickets FOR SELECT TO authenticated USING (author_id = auth.uid() OR (details ->> 'public')::boolean);`,
      repair: `ALTER POLICY "read" ON public.tickets USING (author_id = auth.uid() OR details ->> 'public' = 'true');`,
    },
  ],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter((one) => isOwnTable(one) && one.rowSecurity)) {
      const [persona, reader] = pairFor(scene);
      if (!persona || !reader || isClosed(scene.catalog, relation, reader.role, 'select')) continue;
      for (const poison of poisonsIn(relation, askedFor(scene.catalog, relation, reader.role, 'select')))
        yield trial(scene, relation, persona, reader, poison);
    }
  },
};

/** Somebody who writes, and somebody of the other circle who reads. */
function pairFor({ attackers }: Scene): readonly (Persona | undefined)[] {
  const writer = attackers.find(({ user, circle }) => user !== null && circle !== null);
  return [writer, attackers.find(({ user, circle }) => user !== null && circle !== null && circle !== writer?.circle)];
}

function trial(
  scene: Scene,
  relation: Relation,
  persona: Persona,
  reader: Persona,
  { column, value, type }: Poison,
): Trial {
  const look = selectFor(scene.catalog, relation, reader);
  const own = rowsOf(scene, relation.name).find((row) => row.related.length > 0 && concerns(row, persona));
  const statements = [
    ...(own ? [update(relation, { [column.name]: value }) + where(relation, own.key)] : []),
    ...rowsToInsert(scene, relation, persona)
      .slice(0, 12)
      .map((row) => insert(relation, { ...row, [column.name]: value })),
  ];
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'select' },
    persona,
    shape: 'watched',
    probes: [
      { persona: reader, sql: look },
      // The act is tried in the writer's name; then the same row stands there when the reader comes.
      ...statements.flatMap((sql) => [
        { persona, sql },
        { persona: reader, sql: look, given: [sql] },
      ]),
    ],
    judge: (observations) => judge(relation, reader, `${column.name} to ${type}`, observations),
  };
}

function judge(relation: Relation, reader: Persona, cast: string, [before, ...tried]: readonly Observation[]): Verdict {
  if (!before || before.error) return { state: 'held' };
  const at = tried.findIndex(
    ({ error }, place) =>
      place % 2 === 1 && error !== null && error.sqlstate.startsWith('22') && (tried[place - 1]?.count ?? 0) > 0,
  );
  if (at < 0) return { state: 'held' };
  return {
    state: 'broken',
    expected: `what one person writes does not stop ${reader.name} from reading ${relation.name}`,
    observed: `after one row of somebody else, ${reader.name} gets SQLSTATE ${tried[at]?.error?.sqlstate}: a policy casts ${cast}`,
    columns: [`${relation.name}.${cast.split(' ')[0]}`],
    at: at + 1,
  };
}
