/** Listens, without an account, on every channel that the project's code names, while somebody's rows are written. */

import { service } from '../../fixtures/act/personas.ts';
import { insert, nameOf, where } from '../../fixtures/act/sql.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation, Routine, Trigger } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation, Probe } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { mentions } from '../../fixtures/model/text.ts';
import type { Surface, Verdict } from '../../fixtures/model/verdict.ts';
import type { WorldRow } from '../../fixtures/model/world.ts';
import { concerns, isPublished, isReadable } from '../../fixtures/oracles/ownership.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { sightings } from '../../fixtures/oracles/reading.ts';
import { ident } from '../../fixtures/wire/escape.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const RING = (payload: string) => `
CREATE OR REPLACE FUNCTION public.ring() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('note-bell', ${payload});
  RETURN coalesce(new, old);
END $$;`;
const BELL = `
CREATE TRIGGER bell AFTER INSERT OR UPDATE ON public.notes FOR EACH ROW EXECUTE FUNCTION public.ring();`;

export const attack: Attack = {
  id: 'session-notify-payload',
  group: 'session',
  severity: 'low',
  reachable: 'database_only',
  title: 'hears the content of rows through LISTEN',
  explains:
    'A channel has no list of rights: every role may LISTEN and gets each payload. While a trigger’s table is written, the caller with the least rights listens on every channel whose name stands in the code. It takes a connection of one’s own.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES + RING('new.id::text') + BELL,
      plant: RING("json_build_object('op', tg_op, 'row', row_to_json(new))::text"),
      repair: RING('new.id::text'),
    },
  ],
  *trials(scene) {
    const listener = scene.attackers.findLast(({ user }) => user === null) ?? scene.attackers.at(-1);
    if (!listener) return;
    for (const trigger of scene.catalog.triggers.filter(({ enabled, level }) => enabled !== 'D' && level === 'row')) {
      const routine = scene.catalog.routines.find(({ name, platform }) => name === trigger.routine && !platform);
      const relation = scene.catalog.relations.find(({ name }) => name === trigger.relation);
      const channels = routine ? channelsOf(scene, routine) : [];
      const row = relation ? victim(scene, relation, listener) : null;
      if (relation && row && channels.length > 0) yield trial(scene, trigger, relation, row, listener, channels);
    }
  },
};

const NOTIFY = /\bpg_notify\s*\(\s*'([^']+)'\s*(?:::\w+\s*)?,|\bnotify\s+"?([a-z_]\w*)"?\s*[,;]/gi;

/** Channels by name in the routine and in what it calls. */
function channelsOf({ catalog }: Scene, routine: Routine): readonly string[] {
  const called = catalog.routines.filter((one) => !one.platform && mentions(routine.body, one.proname));
  const texts = [routine, ...called].map(({ body }) => body);
  const names = texts.flatMap((text) => [...text.matchAll(NOTIFY)].map(([, quoted, plain]) => quoted ?? plain ?? ''));
  return [...new Set(names)];
}

function victim(scene: Scene, relation: Relation, listener: Persona): WorldRow | null {
  const foreign = rowsOf(scene, relation.name).filter((row) => !concerns(row, listener) && row.canaries.length > 0);
  return foreign.find(({ circle }) => circle === 'b') ?? foreign[0] ?? null;
}

function trial(
  scene: Scene,
  trigger: Trigger,
  relation: Relation,
  row: WorldRow,
  listener: Persona,
  channels: readonly string[],
): Trial {
  const surface: Surface = { kind: 'routine', name: trigger.routine, verb: 'listen' };
  const writer =
    scene.platform === 'supabase' ? service() : (scene.attackers.find((one) => concerns(row, one)) ?? listener);
  return {
    surface,
    persona: listener,
    shape: 'committed',
    probes: [
      ...channels.map((channel): Probe => ({ persona: listener, sql: `LISTEN ${ident(channel)}`, on: 1 })),
      ...trigger.events
        .flatMap((event) => written(relation, row, event))
        .map((probe) => ({ persona: writer, ...probe })),
      { persona: listener, sql: 'SELECT 1', on: 1 },
    ],
    judge: (observations) => judge(scene, relation, channels, observations),
  };
}

/** The row as it is, written again by the event that the trigger waits for. */
function written(relation: Relation, { key, values }: WorldRow, event: Trigger['events'][number]): readonly Write[] {
  const [column] = Object.keys(key);
  const gone = `DELETE FROM ${nameOf(relation)}${where(relation, key)}`;
  const known = relation.columns.filter(({ generated }) => !generated);
  const silently = ["SET session_replication_role = 'replica'", gone, "SET session_replication_role = 'origin'"];
  if (event === 'insert') return [{ given: silently, sql: insert({ ...relation, columns: known }, values) }];
  if (event === 'delete') return [{ sql: gone }];
  return event === 'update' && column !== undefined
    ? [{ sql: `UPDATE ${nameOf(relation)} SET ${ident(column)} = ${ident(column)}${where(relation, key)}` }]
    : [];
}

type Write = Pick<Probe, 'sql' | 'given'>;

function judge(
  scene: Scene,
  relation: Relation,
  channels: readonly string[],
  observations: readonly Observation[],
): Verdict {
  const heard = observations.at(-1);
  if (!heard || heard.notifications.length === 0) return { state: 'held' };
  const { persona } = heard.probe;
  // A key alone tells nothing: who may read the row looks it up.
  const told = sightings(
    scene,
    { ...heard, rows: heard.notifications.map((payload) => [payload]) },
    'everything',
  ).filter(
    ({ holders }) => !holders.some((row) => isReadable(scene, persona, row) || isPublished(scene, persona, row)),
  );
  if (told.length === 0) return { state: 'held' };
  return {
    state: 'broken',
    expected: `${persona.name} hears nothing of rows that do not concern them`,
    observed: `${persona.name} listened on ${channels.join(', ')} and heard the content of a row of ${relation.name}`,
    columns: [...new Set(told.map(({ row, column }) => `${row.relation}.${column}`))],
    at: observations.length - 1,
  };
}
