/** Transactions that cannot be put in an order: the client runs as serializable, and another has read and written between. */

import type { Healing } from './fault.ts';
import { beforeStatements, type Field, type ServerFault } from './field.ts';
import { startWith } from './session-settings.ts';

/** Reads every table as a whole, then writes each row as it is. Tables and rows that others hold are passed over. */
const between = `
  DO $$
  DECLARE
    it record;
    others record;
  BEGIN
    FOR it IN
      SELECT c.oid::regclass AS name, (
        SELECT quote_ident(a.attname) FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0
        AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity <> 'a'
        ORDER BY a.attnum LIMIT 1
      ) AS attribute
      FROM pg_class AS c
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    LOOP
      BEGIN
        EXECUTE format('SELECT count(*) FROM %s', it.name);
        CONTINUE WHEN it.attribute IS NULL;
        EXECUTE format(
          'UPDATE %1$s SET %2$s = %2$s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$s FOR UPDATE SKIP LOCKED))',
          it.name, it.attribute
        );
      EXCEPTION WHEN lock_not_available THEN NULL;
      END;
    END LOOP;
  END $$`;

export const serializationFailure: ServerFault = {
  id: 'serialization-failure',
  says: 'another transaction has read what the client writes and written what it reads',
  strikes: 'client',
  beforeWrites: true,
  never: beforeStatements,
  arm: (field) => startWith(field, { default_transaction_isolation: 'serializable' }),
  apply: strike,
};

const holdsTables = "SELECT FROM pg_locks WHERE pid = $1 AND granted AND mode = 'AccessExclusiveLock'";
const work = `
  SET LOCAL session_replication_role = replica;
  SET LOCAL lock_timeout = '200ms';
  SET LOCAL enable_indexscan = off;
  SET LOCAL enable_indexonlyscan = off;
  ${between};
  COMMIT`;

/** Where the client waits for tables of the holder, that one's transaction is the other. */
async function strike({ db, owner, holder }: Field): Promise<Healing> {
  const by = holder();
  const locks = by === null ? [] : (await owner.query(holdsTables, [by.processId])).rows;
  if (by !== null && locks.length > 0) await by.script(work);
  else {
    await using other = await db.connectAsOwner();
    await other.script(`BEGIN ISOLATION LEVEL SERIALIZABLE; ${work}`);
  }
  return async () => undefined;
}
