/** Inserts several rows at once, one of them in the name of somebody else. */

import { insertAll } from '../../fixtures/act/sql.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import { requestProbe } from '../../fixtures/http/request-probe.ts';
import { insertRequest } from '../../fixtures/http/requests.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import type { Json } from '../../fixtures/model/world.ts';
import { namedIn } from '../../fixtures/oracles/ownership.ts';
import { judgeEach } from '../../fixtures/oracles/trial.ts';
import { judgeForgery } from '../../fixtures/oracles/writing.ts';
import { NOTES } from '../plants.ts';

/** Row security lets every row in, and a trigger decides: by `rows`, of those that came together. */
const GUARD = (rows: string) => `
CREATE OR REPLACE FUNCTION public.only_own() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  v_owner uuid;
BEGIN
  SELECT owner_id INTO v_owner FROM made ${rows};
  IF FOUND AND v_owner IS DISTINCT FROM auth.uid() THEN
    RAISE EXCEPTION 'this note is not yours' USING ERRCODE = '42501';
  END IF;
  RETURN NULL;
END
$$;`;

export const attack: Attack = {
  id: 'http-bulk-poisoned',
  group: 'front door',
  severity: 'high',
  reachable: 'http',
  title: 'inserts a row in the name of somebody else among rows of its own',
  explains:
    'A list in the body of one request is one INSERT. Row security looks at each row of it, but a trigger for each statement that looks at one of the new rows, or at how many there are, lets the others in beside it.',
  plants: [
    {
      platform: 'supabase',
      base: `${NOTES}
        CREATE POLICY r ON public.notes FOR SELECT TO authenticated USING (owner_id = auth.uid());
        CREATE POLICY i ON public.notes FOR INSERT TO authenticated WITH CHECK (true);`,
      plant: `${GUARD('')}
        CREATE TRIGGER only_own AFTER INSERT ON public.notes
          REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION public.only_own();`,
      repair: GUARD('WHERE owner_id IS DISTINCT FROM auth.uid()'),
    },
  ],
  repair: ({ name }) =>
    `-- a policy of ${name} for INSERT that asks for the owner, e.g. WITH CHECK (owner_id = (SELECT auth.uid()))\n-- or a trigger FOR EACH ROW`,
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter((one) => isOwnTable(one) && isWatched(scene, one))) {
      const poisoned = scene.attackers
        .filter(({ user }) => user !== null)
        .map((persona) => ({ persona, lists: poisonedLists(scene, relation, persona) }))
        .filter(({ lists }) => lists.length > 0);
      for (const { persona, lists } of poisoned) yield onTheWire(scene, relation, persona, lists);
      for (const { persona, lists } of poisoned.slice(0, 1)) yield* atTheDoor(scene, relation, persona, lists);
    }
  },
};

/** What row security decides it decides for each row: only a trigger may see the rows together. */
function isWatched({ catalog }: Scene, { name }: Relation): boolean {
  return catalog.triggers.some(
    ({ relation, events, enabled }) => relation === name && events.includes('insert') && enabled !== 'D',
  );
}

type Values = { readonly [column: string]: Json };

interface Poisoned {
  readonly foreign: Values;
  readonly own: Values;
}

const MOST_LISTS = 4;

/** A row of the caller's own, and the same in the name of somebody else. */
function poisonedLists(scene: Scene, relation: Relation, persona: Persona): readonly Poisoned[] {
  const rows = rowsToInsert(scene, relation, persona);
  const own = rows.filter((values) => {
    const named = namedIn(scene, relation.name, values);
    return named.length > 0 && named.every((user) => user === persona.user);
  });
  return rows
    .filter((values) => {
      const named = namedIn(scene, relation.name, values);
      return named.length > 0 && !named.includes(persona.user ?? '');
    })
    .flatMap((foreign) => {
      const columns = Object.keys(foreign).toSorted().join();
      const beside = own.find((values) => Object.keys(values).toSorted().join() === columns);
      return beside ? [{ foreign, own: apart(relation, beside, foreign) }] : [];
    })
    .slice(0, MOST_LISTS);
}

/** Texts and numbers of unique keys are the same in all rows that were made for one persona. */
function apart({ indexes, columns }: Relation, values: Values, other: Values): Values {
  const keys = new Set(indexes.filter(({ unique }) => unique).flatMap((index) => index.columns));
  const alike = columns.filter(({ name }) => keys.has(name) && values[name] === other[name]);
  const changed = alike.flatMap(({ name, category }): [string, Json][] => {
    const value = values[name] ?? null;
    if (typeof value === 'number') return [[name, value + 1]];
    return category === 'S' && typeof value === 'string' ? [[name, `${value.slice(0, -1)}y`]] : [];
  });
  return { ...values, ...Object.fromEntries(changed) };
}

/** Alone, and as the first and the last of two: what goes in alone is forged without any list. */
function shapesOf({ own, foreign }: Poisoned): readonly (readonly Values[])[] {
  return [[foreign], [own, foreign], [foreign, own]];
}

const SHAPES = 3;

function onTheWire(scene: Scene, relation: Relation, persona: Persona, lists: readonly Poisoned[]): Trial {
  const statements = lists.flatMap(shapesOf).map((rows) => insertAll(relation, rows));
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'insert' },
    persona,
    shape: 'watched',
    probes: statements.map((sql) => ({ persona, sql })),
    judge: (observations) => judge(scene, relation, observations, SHAPES),
  };
}

/** Requests are committed: each list has a trial of its own. */
function* atTheDoor(scene: Scene, relation: Relation, persona: Persona, lists: readonly Poisoned[]): Iterable<Trial> {
  const [alone, ...mixed] = lists[0] === undefined ? [] : shapesOf(lists[0]);
  for (const rows of mixed) {
    const requests = [alone ?? [], rows].flatMap((each) => {
      const prefer = 'return=minimal, missing=default';
      return (scene.door && insertRequest(scene.door, relation, each, { prefer })) ?? [];
    });
    if (requests.length > 0)
      yield {
        surface: { kind: 'relation', name: relation.name, verb: 'insert' },
        persona,
        shape: 'http',
        probes: requests.map((request) => requestProbe(persona, request)),
        judge: (observations) => judge(scene, relation, observations, requests.length),
      };
  }
}

/** @param shapes how many of the observations belong to one list; the first is of the row alone */
function judge(scene: Scene, { name }: Relation, observations: readonly Observation[], shapes: number): Verdict {
  const judged = (observation: Observation) => judgeForgery(scene, name, observation);
  const alone = observations.some((one, at) => at % shapes === 0 && judged(one).state !== 'held');
  const verdict: Verdict = alone ? { state: 'held' } : judgeEach(observations, judged);
  return verdict.state === 'unknown' ? { state: 'held' } : verdict;
}
