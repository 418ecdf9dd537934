/** What the next tenant of a pooled connection would find there that a fresh one does not have. */

import { messageOf } from '../fixtures/act/act.ts';
import type { Json } from '../fixtures/model/world.ts';
import { literal } from '../fixtures/wire/escape.ts';
import type { Session } from '../fixtures/wire/session.ts';
import type { Client } from './client.ts';

/** What connections carry from one transaction to the next: each a list of names, empty on a fresh one. */
interface Carried {
  readonly roles: readonly string[];
  readonly settings: readonly string[];
  readonly temporary: readonly string[];
  readonly statements: readonly string[];
  readonly cursors: readonly string[];
  readonly channels: readonly string[];
}

const WORDS: Readonly<Record<keyof Carried, string>> = {
  roles: 'a role',
  settings: 'a setting',
  temporary: 'a temporary table',
  statements: 'a prepared statement',
  cursors: 'an open cursor',
  channels: 'a channel that it listens to',
};

/**
 * @param owner whoever sees the connection's locks and transaction from outside
 * @param settings of the project's own, which the server lists nowhere
 * @returns one sentence each; none where the connection was lost: a pool throws it away
 */
export async function leftOn(client: Client, owner: Session, settings: readonly string[]): Promise<readonly string[]> {
  if (!client.isAlive()) return [];
  const { rows } = await owner.query(
    `SELECT activity.state,
       (SELECT count(*) FROM pg_locks AS held WHERE held.pid = activity.pid AND held.locktype = 'advisory')::int AS locks
     FROM pg_stat_activity AS activity
     WHERE activity.pid = $1`,
    [client.processId],
  );
  const { exchange } = await client.ask(messageOf([look(settings)]));
  if (exchange === null) return [];
  const [cell] = exchange.replies[0]?.rows[0] ?? [];
  if (!cell) return [`its connection answers nobody any more (${exchange.error?.sqlstate})`];
  const carried = JSON.parse(cell) as Carried;
  const [seen] = rows;
  return [
    ...(seen?.['state'] === 'idle' ? [] : [`a transaction that is still open (${seen?.['state']})`]),
    ...(Number(seen?.['locks']) > 0 ? ['an advisory lock'] : []),
    ...(Object.keys(WORDS) as (keyof Carried)[]).flatMap((kind) =>
      carried[kind].length > 0 ? [`${WORDS[kind]}: ${carried[kind].join(', ')}`] : [],
    ),
  ].map((what) => `the next tenant of its connection finds ${what}`);
}

/** Names are qualified: a search_path may be what was left. An own setting that has been set once is empty, not absent. */
function look(settings: readonly string[]): string {
  const list = (sql: string) =>
    `(SELECT coalesce(pg_catalog.jsonb_agg(one ORDER BY one), '[]') FROM (${sql}) AS t (one))`;
  const own = settings.map((name): Json => name);
  return `SELECT pg_catalog.jsonb_build_object(
    'roles', ${list('SELECT current_user::text WHERE current_user <> session_user')},
    'settings', ${list(`
      SELECT name FROM pg_catalog.pg_settings WHERE source = 'session'
      UNION ALL
      SELECT name FROM pg_catalog.jsonb_array_elements_text(${literal(JSON.stringify(own))}) AS own (name)
      WHERE pg_catalog.current_setting(name, true) <> ''`)},
    'temporary', ${list(`
      SELECT relname::text FROM pg_catalog.pg_class
      WHERE relnamespace = pg_catalog.pg_my_temp_schema() AND relkind IN ('r', 'p', 'v', 'S')`)},
    'statements', ${list('SELECT name FROM pg_catalog.pg_prepared_statements')},
    'cursors', ${list("SELECT name FROM pg_catalog.pg_cursors WHERE name <> ''")},
    'channels', ${list('SELECT channel FROM pg_catalog.pg_listening_channels() AS c (channel)')})`;
}
