/** Faults of one backend: the server's administrator ends it, or the statement that it is at. */

import { beforeBackend, type ServerFault } from './field.ts';
import { backendOf } from './start-up.ts';
import { isIdle, untilRow } from './until.ts';

/** Milliseconds for a backend to end: it may be in a long computation. */
const PATIENCE = 10_000;

export const terminated: ServerFault = {
  id: 'terminated',
  says: "an administrator ends the client's backend",
  strikes: 'client',
  never: beforeBackend,
  apply: async (field) => {
    const backend = await backendOf(field);
    const { rows } = await field.owner.query('SELECT pg_terminate_backend($1, $2) AS gone', [backend, PATIENCE]);
    if (rows[0]?.['gone'] !== true) throw new Error(`there is no backend ${backend} that ends`);
    return async () => undefined;
  },
};

export const cancelled: ServerFault = {
  id: 'cancelled',
  says: 'an administrator cancels the statement, or the login',
  strikes: 'client',
  never: { ...beforeBackend, between: 'between two statements there is none, and the server ignores it' },
  apply: async (field) => {
    const backend = await backendOf(field);
    const { rows } = await field.owner.query('SELECT pg_cancel_backend($1) AS sent', [backend]);
    if (rows[0]?.['sent'] !== true) throw new Error(`there is no backend ${backend} to be cancelled`);
    if (!(await untilRow(field.owner, isIdle, [backend]))) throw new Error('the backend goes on');
    return async () => undefined;
  },
};
