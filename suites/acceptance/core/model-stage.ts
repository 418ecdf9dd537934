/** Where the model's commands run: a clone with two callers and a gate, and its rows in the model's words. */

import { perform, performOnWire } from '../../../fixtures/act/act.ts';
import type { Lab } from '../../../fixtures/lab/lab.ts';
import type { Observation, Probe } from '../../../fixtures/model/probe.ts';
import { literal, qualified } from '../../../fixtures/wire/escape.ts';
import type { Session } from '../../../fixtures/wire/session.ts';
import { labels } from './model-rows.ts';
import { openScene, type Scene, settle } from './scene.ts';

export interface Stage extends AsyncDisposable {
  readonly scene: Scene;
  /** Nothing is there but the people. */
  readonly reset: () => Promise<void>;
  readonly send: (probe: Probe) => Promise<Observation>;
  /** Both at once. `waited`: both were seen waiting at the gate before either could go on. */
  readonly sendBoth: (
    one: Probe,
    two: Probe,
  ) => Promise<{ readonly both: readonly [Observation, Observation]; readonly waited: boolean }>;
  /** As the owner. */
  readonly happen: (sql: string) => Promise<void>;
  /** Every row, as JSON in the database's own ids. */
  readonly read: () => Promise<string>;
}

const tables = Object.keys(labels);
const noLimit = 1_000_000;

export async function openStage(lab: Lab): Promise<Stage> {
  const scene = await openScene(lab);
  const other = await scene.db.connect();
  await settle(scene, {
    ...{ timeline_scope: noLimit, timeline_actor: noLimit, timeline_device: noLimit, report_actor: noLimit },
    ...{ command_actor: noLimit, command_device: noLimit, command_service: noLimit },
  });
  return {
    scene,
    reset: () => scene.owner.script(emptied()).then(() => undefined),
    send: (probe) => perform(scene.caller, probe),
    sendBoth: (one, two) => sendBoth(scene, other, one, two),
    happen: (sql) => scene.owner.script(sql).then(() => undefined),
    read: async () => {
      const { rows } = await scene.owner.query(everything);
      return String(rows[0]?.['state']);
    },
    [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
  };
}

function emptied(): string {
  const all = [...tables, 'core_rate_limits'].map((table) => `DELETE FROM ${qualified('public', table)};`);
  return `SET session_replication_role = replica; ${all.join(' ')} RESET session_replication_role;
    UPDATE core.settings SET value = 0 WHERE name = 'dm_self_allowed';
    UPDATE core.breakers SET open_until = '-infinity'`;
}

/** What the model does not know: how the database hashes a command, and what a snapshot holds. */
const left: { readonly [table: string]: string } = {
  ...{ core_outcomes: 'payload_hash', core_snapshots: 'state', core_admin_actions: 'id', core_migrations: 'id' },
};

/** Which of its scope's acts one is: an approval counts after a change, not before it. */
const actions = `(SELECT a.*, row_number() OVER (PARTITION BY a.scope_id ORDER BY a.created_at) AS nth
  FROM public.core_admin_actions AS a)`;

const everything = `SELECT jsonb_build_object(${[
  ...tables.map((table) => {
    const from = table === 'core_admin_actions' ? actions : qualified('public', table);
    return `${literal(table)}, (SELECT coalesce(jsonb_agg(to_jsonb(t) - ${literal(left[table] ?? '')}), '[]') FROM ${from} AS t)`;
  }),
  "'settings', (SELECT jsonb_agg(to_jsonb(s)) FROM core.settings AS s WHERE s.name = 'dm_self_allowed')",
].join(', ')})::text AS state`;

/**
 * Behind a gate: the table of scopes is held until both calls wait, for it or for each other, or have ended without it.
 */
async function sendBoth(scene: Scene, other: Session, one: Probe, two: Probe) {
  await scene.owner.script('BEGIN; LOCK TABLE public.core_scopes IN ACCESS EXCLUSIVE MODE');
  let ended = 0;
  const counted = async (call: Promise<Observation>) => {
    try {
      return await call;
    } finally {
      ended += 1;
    }
  };
  const calls = Promise.all([counted(performOnWire(scene.caller, one)), counted(performOnWire(other, two))]);
  const ids = [scene.caller.processId, other.processId];
  let waiting = 0;
  while (waiting + ended < 2) {
    const { rows } = await scene.owner.query(
      'SELECT count(DISTINCT pid)::int AS waiting FROM pg_locks WHERE NOT granted AND pid = ANY ($1::int[])',
      [ids],
    );
    waiting = Number(rows[0]?.['waiting']);
  }
  await scene.owner.script('ROLLBACK');
  return { both: await calls, waited: waiting === 2 };
}
