/** The server gives up on the client: its statement takes too long, or waits too long for a lock. */

import { beforeStatements, type Field, type ServerFault } from './field.ts';
import { startWith } from './session-settings.ts';
import { isIdle, untilRow, waitsForNobody } from './until.ts';

/** Long enough for a statement to come to where it is struck. */
const LIMIT = '1500ms';

export const statementTimeout: ServerFault = {
  id: 'statement-timeout',
  says: 'the server gives up on a statement that takes too long',
  strikes: 'client',
  never: {
    ...beforeStatements,
    between: 'between two statements there is none that could take too long',
    commit: 'the server counts no time for COMMIT: it stops the clock before it runs deferred triggers',
  },
  arm: (field) => startWith(field, { statement_timeout: LIMIT }),
  apply: (field) => struck(field, isIdle),
};

export const lockTimeout: ServerFault = {
  id: 'lock-timeout',
  says: 'the server gives up on waiting for a lock',
  strikes: 'client',
  never: { ...beforeStatements, between: 'between two statements the client waits for no lock' },
  arm: (field) => startWith(field, { lock_timeout: LIMIT }),
  apply: (field) => struck(field, waitsForNobody),
};

/** The server strikes by itself; here it is waited for. */
async function struck({ owner, victim }: Field, sql: string) {
  if (!(await untilRow(owner, sql, [victim()]))) throw new Error('the server does not give up on the client');
  return async () => undefined;
}
