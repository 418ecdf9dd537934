/** Sends JSON with keys that the caller was never meant to set. */

import { probeOf } from '../../fixtures/engine/calls.ts';
import { isClosed } from '../../fixtures/engine/closed.ts';
import { mayWrite } from '../../fixtures/engine/code.ts';
import { tablesIn } from '../../fixtures/engine/compared.ts';
import { otherValue } from '../../fixtures/engine/values.ts';
import { type Ground, grounds, isDefiner, withValue } from '../../fixtures/engine/variations.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Column, Relation } from '../../fixtures/model/catalog.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Call, Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import type { Json, WorldRow } from '../../fixtures/model/world.ts';
import { concerns } from '../../fixtures/oracles/ownership.ts';

const PLAYERS = `
CREATE TABLE public.players (
  id uuid PRIMARY KEY REFERENCES auth.users (id),
  nick text,
  is_admin boolean NOT NULL DEFAULT false
);
ALTER TABLE public.players ENABLE ROW LEVEL SECURITY;`;

const PATCH = (set: string) => `
CREATE OR REPLACE FUNCTION public.patch_me(p_patch jsonb) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
  UPDATE public.players AS old SET ${set} WHERE old.id = auth.uid() $$;`;

/** Columns by which somebody is more than others. */
const PRIVILEGED =
  /^(user_|account_|member_|system_|app_)?(role|roles|permissions?|plan|tier|subscription(_tier|_status|_plan)?|credits?|balance|quota|access_level|privileges?)$|^(is_)?(admin|superuser|super_admin|staff|moderator|verified|approved|premium|pro|banned|suspended|owner)$/i;

export const attack: Attack = {
  id: 'rpc-mass-assignment',
  group: 'rpc',
  severity: 'high',
  title: 'makes itself privileged through keys of a JSON argument',
  explains:
    'The JSON of a call that works is sent with a key for every privileged column of the tables that the routine writes to. What the caller may not set directly must stay as it was.',
  plants: [
    {
      platform: 'supabase',
      base: PLAYERS,
      plant: PATCH(
        '(nick, is_admin) = (SELECT fresh.nick, fresh.is_admin FROM jsonb_populate_record(old, p_patch) AS fresh)',
      ),
      repair: PATCH(`nick = coalesce(p_patch ->> 'nick', old.nick)`),
    },
  ],
  *trials(scene) {
    const writers = grounds(scene, (one) => isDefiner(scene)(one) && mayWrite(scene.catalog, one));
    for (const ground of writers) {
      const [call] = ground.calls;
      if (!call || ground.persona.user === null) continue;
      for (const [at, { baseType }] of ground.routine.arguments.entries()) {
        if (/^jsonb?$/.test(baseType)) yield* assigned(scene, ground, call, at);
      }
    }
  },
};

function* assigned(scene: Scene, ground: Ground, call: Call, at: number): Iterable<Trial> {
  const { persona, surface } = ground;
  for (const relation of tablesIn(scene.catalog, ground.routine)) {
    const own = scene.world.rows.find((row) => row.relation === relation.name && concerns(row, persona));
    for (const column of own ? protectedColumns(scene, relation, persona.role) : []) {
      const value = own ? raised(scene, relation, column, own) : undefined;
      if (value === undefined) continue;
      const control = withValue(call, at, withKey(call.values[at]?.value ?? null, null));
      const raise = withValue(call, at, withKey(call.values[at]?.value ?? null, { [column.name]: value }));
      yield {
        surface,
        persona,
        shape: 'watched',
        probes: [control, raise].map((one) => probeOf(one)),
        judge: ([before, after]) => judge(relation, column, value, before, after),
      };
    }
  }
}

/** Privileged by name, and not open to the role in the table itself. */
function protectedColumns({ catalog }: Scene, relation: Relation, role: string): readonly Column[] {
  const open = isClosed(catalog, relation, role, 'update') ? [] : columnsWith(catalog, relation, role, 'UPDATE');
  return relation.columns.filter(({ name, generated }) => PRIVILEGED.test(name) && !generated && !open.includes(name));
}

function raised(scene: Scene, relation: Relation, column: Column, row: WorldRow): Json | undefined {
  return otherValue(scene, relation, column, row) ?? (column.category === 'S' ? 'admin' : undefined);
}

function withKey(value: Json, more: { readonly [key: string]: Json } | null): Json {
  const objects = Array.isArray(value) ? value : [value];
  const extended = objects.map((one) =>
    typeof one === 'object' && one !== null && !Array.isArray(one) ? { ...one, ...more } : { ...more },
  );
  return Array.isArray(value) ? extended : (extended[0] ?? {});
}

/** The column holds what was sent, and held something else without it. */
function judge(
  relation: Relation,
  { name }: Column,
  value: Json,
  before: Observation | undefined,
  after: Observation | undefined,
): Verdict {
  const holds = (one: Observation | undefined) =>
    (one?.changes ?? []).some(
      (change) =>
        change.relation === relation.name &&
        JSON.stringify(change.after?.[name]) === JSON.stringify(value) &&
        JSON.stringify(change.before?.[name]) !== JSON.stringify(value),
    );
  if (holds(before) || !holds(after)) return { state: 'held' };
  const who = after?.probe.persona.name;
  return {
    state: 'broken',
    expected: `${who} sets nothing but what the routine is for`,
    observed: `${who} set ${relation.name}.${name} by a key of the JSON argument`,
    columns: [`${relation.name}.${name}`],
    at: 1,
  };
}
