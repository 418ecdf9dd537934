/** A deadlock that the server ends by refusing the client. */

import type { Session } from '../../fixtures/wire/session.ts';
import { CannotOccur, type Healing } from './fault.ts';
import { beforeStatements, type Field, type ServerFault } from './field.ts';
import { startWith } from './session-settings.ts';
import { untilRow, waitsForNobody } from './until.ts';

/** Each waiter looks once, when it has waited so long, and ends itself if it finds a circle: the circle must be closed by then. */
const CLIENT_LOOKS = '2s';
const OTHER_LOOKS = '1h';

const blocks = 'SELECT WHERE $1 = ANY (pg_blocking_pids($2))';
const heldTable = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_locks AS l
  JOIN pg_class AS c ON c.oid = l.relation
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE l.pid = $1 AND l.granted AND l.locktype = 'relation'
  AND c.relkind IN ('r', 'p')
  AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
  ORDER BY c.oid
  LIMIT 1`;

export const deadlock: ServerFault = {
  id: 'deadlock',
  says: 'client and another wait for each other, and the server ends the client',
  strikes: 'client',
  never: { ...beforeStatements, between: 'between two statements the client waits for nobody' },
  arm: (field) => startWith(field, { deadlock_timeout: CLIENT_LOOKS }),
  apply: closeCircle,
};

/** The holder of the lock that the client waits for comes to wait for a table that the client has. */
async function closeCircle({ owner, holder, victim }: Field): Promise<Healing> {
  const by = holder();
  if (by === null) throw new CannotOccur('the client waits for nobody');
  const { rows } = await owner.query(heldTable, [victim()]);
  const table = rows[0]?.['name'];
  if (typeof table !== 'string') throw new CannotOccur('the client holds no table that another could wait for');
  const wanting = want(by, table);
  const heal = async () => {
    if (wanting.isOver()) return;
    await owner.query('SELECT pg_cancel_backend($1)', [by.processId]);
    await wanting.end;
  };
  const ended = await untilRow(owner, waitsForNobody, [victim()]);
  // A client that catches the error goes on with its tables: nobody may wait for them then.
  const { rows: blocked } = await owner.query(blocks, [victim(), by.processId]);
  if (!ended || blocked.length > 0) await heal();
  if (!ended) throw new Error('the server does not end the deadlock');
  await wanting.end;
  return async () => undefined;
}

interface Wanting {
  isOver(): boolean;
  readonly end: Promise<void>;
}

/** In one message, so that outside of a transaction the lock is given back at once. */
function want(by: Session, table: string): Wanting {
  let over = false;
  const sql = `SET LOCAL deadlock_timeout = '${OTHER_LOOKS}'; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`;
  const end = by.observe(sql).then(() => {
    over = true;
  });
  return { isOver: () => over, end };
}
