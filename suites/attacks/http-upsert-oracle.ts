/** Upserts rows whose keys are taken by rows that the persona may not see, and hears that they are. */

import { insert } from '../../fixtures/act/sql.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { isGuarded } from '../../fixtures/engine/scene.ts';
import { requestProbe } from '../../fixtures/http/request-probe.ts';
import { insertRequest } from '../../fixtures/http/requests.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation, Probe } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import type { Json, WorldRow } from '../../fixtures/model/world.ts';
import { concerns, isPublished, isReadable, namedIn } from '../../fixtures/oracles/ownership.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { ident } from '../../fixtures/wire/escape.ts';

const PATIENTS = `
CREATE TABLE public.patients (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  email text NOT NULL
);
ALTER TABLE public.patients ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.patients TO authenticated USING (owner_id = auth.uid()) WITH CHECK (owner_id = auth.uid());`;

export const attack: Attack = {
  id: 'http-upsert-oracle',
  group: 'front door',
  severity: 'medium',
  reachable: 'http',
  title: 'learns which addresses and numbers stand in rows of others',
  explains:
    'Keys are looked at past row security. Row security does not let an upsert take over a row that the caller may not see, but the reply tells it from a free key: nothing made, or an error. So a key of e-mail addresses over everybody’s rows says who is in the table; one that begins with the owner tells nobody anything.',
  plants: [
    {
      platform: 'supabase',
      base: PATIENTS,
      plant: 'ALTER TABLE public.patients ADD CONSTRAINT patients_email UNIQUE (email);',
      repair:
        'ALTER TABLE public.patients DROP CONSTRAINT patients_email, ADD CONSTRAINT patients_email UNIQUE (owner_id, email);',
    },
    {
      platform: 'supabase',
      base: PATIENTS,
      plant: 'CREATE UNIQUE INDEX patients_email ON public.patients (email);',
      repair:
        'REVOKE INSERT, UPDATE ON public.patients FROM anon, authenticated; GRANT INSERT (owner_id) ON public.patients TO authenticated;',
    },
  ],
  repair: ({ name }) =>
    `-- let the key of ${name} begin with whose the row is, e.g. UNIQUE (owner_id, email);\n-- or let a function insert that answers the same in both cases`,
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter(isGuarded)) {
      const tried = scene.attackers
        .filter(({ user }) => user !== null)
        .map((persona) => ({
          persona,
          tries: keysOf(scene, relation).flatMap((columns) => triesOf(scene, relation, persona, columns)),
        }))
        .filter(({ tries }) => tries.length > 0);
      for (const { persona, tries } of tried) yield onTheWire(scene, relation, persona, tries);
      for (const { persona, tries } of tried.slice(0, 1)) yield* atTheDoor(scene, relation, persona, tries);
    }
  },
};

/** What people know of each other. Names and addresses of pages are taken from each other on purpose. */
const PERSONAL =
  /(^|_)(e_?mail|phone|mobile|telephone|whatsapp|ssn|social_security|national_id|tax_id|passport|iban|card|licen[cs]e_plate|insurance|patient_no|patient_number)(_?(address|number|no|hash))?$/i;

/** Unique keys that a personal column decides alone, whosever row it is. */
function keysOf({ world }: Scene, { name, indexes, constraints }: Relation): readonly (readonly string[])[] {
  const people = (world.identity.get(name) ?? []).map(({ column }) => column);
  const scoped = new Set([
    ...people,
    ...constraints.filter(({ kind }) => kind === 'foreign').flatMap(({ columns }) => columns),
  ]);
  return indexes
    .filter(({ unique, partial, columns }) => unique && !partial && columns.some((column) => PERSONAL.test(column)))
    .map(({ columns }) => columns)
    .filter((columns) => columns.every((column) => !scoped.has(column)));
}

type Values = { readonly [column: string]: Json };

interface Try {
  readonly columns: readonly string[];
  readonly free: Values;
  readonly taken: Values;
}

const MOST_ROWS = 3;

/** A row of the caller's own, with a free key and with that of a row that the caller may not see. */
function triesOf(scene: Scene, relation: Relation, persona: Persona, columns: readonly string[]): readonly Try[] {
  const hidden = rowsOf(scene, relation.name).find((row) => isHidden(scene, persona, row, columns));
  if (!hidden) return [];
  const key = Object.fromEntries(columns.map((column) => [column, hidden.values[column] ?? null]));
  return rowsToInsert(scene, relation, persona)
    .filter((values) => {
      const named = namedIn(scene, relation.name, values);
      return named.every((user) => user === persona.user) && columns.every((column) => column in values);
    })
    .slice(0, MOST_ROWS)
    .map((values) => ({ columns, free: values, taken: { ...values, ...key } }));
}

function isHidden(scene: Scene, persona: Persona, row: WorldRow, columns: readonly string[]): boolean {
  const seen = concerns(row, persona) || isReadable(scene, persona, row) || isPublished(scene, persona, row);
  return !seen && columns.every((column) => (row.values[column] ?? null) !== null);
}

function onTheWire(scene: Scene, relation: Relation, persona: Persona, tries: readonly Try[]): Trial {
  const upsert = (values: Values, columns: readonly string[]) =>
    `${insert(relation, values)} ON CONFLICT (${columns.map(ident).join(', ')}) DO NOTHING`;
  const statements = tries.flatMap(({ columns, taken, free }) => [upsert(taken, columns), upsert(free, columns)]);
  const probes = statements.map((sql) => ({ persona, sql }));
  return { ...trial(scene, relation, persona, tries, probes), shape: 'watched' };
}

/** Requests are committed: each row has a trial of its own. */
function* atTheDoor(scene: Scene, relation: Relation, persona: Persona, tries: readonly Try[]): Iterable<Trial> {
  for (const one of tries) {
    const query = `?on_conflict=${one.columns.map(encodeURIComponent).join(',')}`;
    const prefer = 'resolution=ignore-duplicates, return=representation';
    const requests = [one.taken, one.free].flatMap(
      (values) => (scene.door && insertRequest(scene.door, relation, [values], { prefer, query })) ?? [],
    );
    const probes = requests.map((request) => requestProbe(persona, request));
    if (probes.length > 0) yield { ...trial(scene, relation, persona, [one], probes), shape: 'http' };
  }
}

/** The taken key goes first: where requests are committed, the row that is made may be the only one allowed. */
function trial(
  scene: Scene,
  relation: Relation,
  persona: Persona,
  tries: readonly Try[],
  probes: readonly Probe[],
): Omit<Trial, 'shape'> {
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'insert' },
    persona,
    probes,
    judge: (observations) => {
      const verdict = judge(relation, persona, tries, observations);
      return isOfAccounts(scene, relation) ? doubted(verdict) : verdict;
    },
  };
}

/** A row for each account: that an address has one is what sign-up tells, too. */
function isOfAccounts({ world }: Scene, { name, indexes }: Relation): boolean {
  const people = (world.identity.get(name) ?? []).map(({ column }) => column);
  return indexes.some(
    ({ unique, columns }) => unique && columns.length > 0 && columns.every((one) => people.includes(one)),
  );
}

function doubted(verdict: Verdict): Verdict {
  if (verdict.state !== 'broken') return verdict;
  return { state: 'question', observed: `${verdict.observed}: is that meant?`, columns: verdict.columns };
}

function judge(
  { name }: Relation,
  persona: Persona,
  tries: readonly Try[],
  observations: readonly Observation[],
): Verdict {
  const at = tries.findIndex((_, each) => {
    const [taken, free] = [observations[2 * each], observations[2 * each + 1]];
    return free?.error === null && free.count === 1 && taken?.error === null && taken.count === 0;
  });
  const told = tries[at];
  if (!told) return { state: 'held' };
  const columns = told.columns.map((column) => `${name}.${column}`);
  return {
    state: 'broken',
    expected: `${persona.name} is answered the same, whatever ${columns.join(', ')} others have`,
    observed: `${persona.name} upserted a row of their own with ${columns.join(', ')} of a row that they may not see, and nothing was made; with another value it was`,
    columns,
    at: 2 * at,
  };
}
