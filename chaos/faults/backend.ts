/** Faults of one backend: the server's administrator ends it, or the statement that it is at. */

import { beforeBackend, beforeStatements, type ServerFault } from './field.ts';

/** Milliseconds for a backend to end: it may be in a long computation. */
const PATIENCE = 10_000;

export const terminated: ServerFault = {
  id: 'terminated',
  says: "an administrator ends the client's backend",
  strikes: 'client',
  never: beforeBackend,
  apply: async ({ owner, victim }) => {
    const { rows } = await owner.query('SELECT pg_terminate_backend($1, $2) AS gone', [victim(), PATIENCE]);
    if (rows[0]?.['gone'] !== true) throw new Error(`there is no backend ${victim()} that ends`);
    return async () => undefined;
  },
};

export const cancelled: ServerFault = {
  id: 'cancelled',
  says: 'an administrator cancels the statement',
  strikes: 'client',
  never: { ...beforeStatements, between: 'between two statements there is none, and the server ignores it' },
  apply: async ({ owner, victim }) => {
    const { rows } = await owner.query('SELECT pg_cancel_backend($1) AS sent', [victim()]);
    if (rows[0]?.['sent'] !== true) throw new Error(`there is no backend ${victim()} to be cancelled`);
    return async () => undefined;
  },
};
