/** Faults of one backend: the server's administrator ends it, or the statement that it is at. */

import type { Fault } from './fault.ts';
import type { Field } from './field.ts';

/** Milliseconds for a backend to end: it may be in a long computation. */
const PATIENCE = 10_000;

export const terminated: Fault<Field> = {
  id: 'terminated',
  says: "an administrator ends the client's backend",
  apply: async ({ owner, victim }) => {
    const { rows } = await owner.query('SELECT pg_terminate_backend($1, $2) AS gone', [victim(), PATIENCE]);
    if (rows[0]?.['gone'] !== true) throw new Error(`there is no backend ${victim()} that ends`);
    return async () => undefined;
  },
};

export const cancelled: Fault<Field> = {
  id: 'cancelled',
  says: 'an administrator cancels the statement',
  apply: async ({ owner, victim }) => {
    const { rows } = await owner.query('SELECT pg_cancel_backend($1) AS sent', [victim()]);
    if (rows[0]?.['sent'] !== true) throw new Error(`there is no backend ${victim()} to be cancelled`);
    return async () => undefined;
  },
};
