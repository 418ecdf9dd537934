/** Removes its own rows, and with them rows of somebody else that the database hung below. */

import { insert, remove, where } from '../../fixtures/act/sql.ts';
import { isClosed } from '../../fixtures/engine/closed.ts';
import { ownRows, quietly } from '../../fixtures/engine/own-rows.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Constraint, Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import type { WorldRow } from '../../fixtures/model/world.ts';
import { concerns, isPublished, isReadable, namedIn } from '../../fixtures/oracles/ownership.ts';
import { parentKeys, pointingAt } from '../../fixtures/oracles/parents.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const SHELVES = `${NOTES + OWN_NOTES}
CREATE TABLE public.shelves (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), keeper_id uuid NOT NULL REFERENCES auth.users (id));
ALTER TABLE public.shelves ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.shelves TO authenticated USING (keeper_id = auth.uid());`;

export const attack: Attack = {
  id: 'write-fk-cascade',
  group: 'table write',
  severity: 'low',
  title: 'removes rows of somebody else together with its own',
  explains:
    'Referential actions run past row security. Somebody who may hang a row below a parent that they cannot read loses it when the parent’s owner removes the parent. Below a parent that both can read, that is how it is meant.',
  plants: [
    {
      platform: 'supabase',
      base: SHELVES,
      plant:
        'ALTER TABLE public.notes ADD COLUMN shelf_id uuid CONSTRAINT on_shelf REFERENCES public.shelves (id) ON DELETE CASCADE;',
      repair:
        'ALTER TABLE public.notes DROP CONSTRAINT on_shelf, ADD CONSTRAINT on_shelf FOREIGN KEY (shelf_id) REFERENCES public.shelves (id) ON DELETE RESTRICT;',
    },
  ],
  *trials(scene) {
    for (const child of scene.catalog.relations.filter(isOwnTable)) {
      for (const key of parentKeys(scene, child).filter(({ references }) => acts(references?.onDelete ?? ''))) {
        const parent = scene.catalog.relations.find(({ name }) => name === key.references?.relation);
        if (parent && isOwnTable(parent)) yield* trials(scene, child, key, parent);
      }
    }
  },
};

function acts(onDelete: string): boolean {
  return /cascade|set null|set default|^[cnd]$/i.test(onDelete);
}

function* trials(scene: Scene, child: Relation, key: Constraint, parent: Relation): Iterable<Trial> {
  const people = scene.attackers.filter(({ user, circle }) => user !== null && circle !== null);
  const [owner] = people.filter(({ circle }) => circle === 'a');
  const [guest] = people.filter(({ circle }) => circle === 'b');
  if (!owner || !guest) return;
  if (isClosed(scene.catalog, parent, owner.role, 'delete') || isClosed(scene.catalog, child, guest.role, 'insert'))
    return;
  const row = ownRows(scene, parent, owner.user ?? '').find((one) => isHiddenFrom(scene, guest, one));
  const guests = row
    ? rowsToInsert(scene, child, guest)
        .filter((values) => {
          const named = namedIn(scene, child.name, values);
          return named.length > 0 && named.every((user) => user === guest.user);
        })
        .map((values) => insert(child, { ...values, ...pointingAt(key, row) }))
    : [];
  const first = [...new Set(guests)].slice(0, MOST);
  if (row && first.length > 0) yield trial(scene, { child, key, parent, owner, guest, row, guests: first });
}

const MOST = 3;

interface Cascade {
  readonly child: Relation;
  readonly key: Constraint;
  readonly parent: Relation;
  readonly owner: Persona;
  readonly guest: Persona;
  readonly row: WorldRow;
  /** Ways in which the guest would hang a row below the owner's. */
  readonly guests: readonly string[];
}

function trial(scene: Scene, cascade: Cascade): Trial {
  const { parent, owner, guest, row, guests } = cascade;
  const removal = remove(parent) + where(parent, row.key);
  return {
    surface: { kind: 'relation', name: parent.name, verb: 'delete' },
    persona: owner,
    shape: 'watched',
    probes: guests.flatMap((sql) => [
      { persona: guest, sql },
      { persona: owner, sql: removal, given: quietly(sql) },
    ]),
    judge: (observations) => judge(scene, cascade, observations),
  };
}

function judge(
  scene: Scene,
  { child, key, parent, owner, guest }: Cascade,
  observations: readonly Observation[],
): Verdict {
  const at = observations.findIndex((observation, place) => {
    const hung = observations[place - 1];
    return place % 2 === 1 && hung?.error === null && takesAlong(scene, child, guest, observation);
  });
  if (at < 0) return { state: 'held' };
  const byDefault = child.columns.some(({ name, default: text }) => key.columns.includes(name) && text !== null);
  return {
    state: 'broken',
    expected: `${owner.name} removes rows of ${parent.name}, and with them nobody else’s`,
    observed: `${owner.name} removed its row of ${parent.name}, and a row of ${child.name} that is ${guest.name}’s went with it`,
    columns: key.columns.map((column) => `${child.name}.${column}`),
    at,
    ...(byDefault ? { severity: 'medium' as const } : {}),
  };
}

function takesAlong(scene: Scene, child: Relation, guest: Persona, { changes }: Observation): boolean {
  return (changes ?? []).some(
    ({ relation, before }) =>
      relation === child.name &&
      before !== null &&
      guest.user !== null &&
      namedIn(scene, child.name, before).includes(guest.user),
  );
}

function isHiddenFrom(scene: Scene, guest: Persona, row: WorldRow): boolean {
  return !concerns(row, guest) && !isReadable(scene, guest, row) && !isPublished(scene, guest, row);
}
