/** Every connection that a client may have is taken by others. */

import { setTimeout as rest } from 'node:timers/promises';
import { isDatabaseError, openSession, type Session } from '../../fixtures/wire/session.ts';
import { CannotOccur, type Healing } from './fault.ts';
import type { Field, ServerFault } from './field.ts';
import { noServer } from './restart.ts';

const TOO_MANY = '53300';
const AT_ONCE = 8;
/** In a row, with milliseconds between them. */
const REFUSALS = 5;
const A_MOMENT = 20;

export const slotsUsedUp: ServerFault = {
  id: 'slots-used-up',
  says: 'others have taken all connections of the server',
  strikes: 'server',
  alone: ['connecting', 'start-up'],
  never: {},
  apply: takeAll,
};

async function takeAll({ access, server }: Field): Promise<Healing> {
  if (server === null) throw new CannotOccur(noServer);
  const taken: Session[] = [];
  const heal = async () => {
    await Promise.all(taken.splice(0).map((session) => session.close()));
  };
  const open = (as: 'login' | 'admin') => openSession(access, { database: access.maintenanceDatabase, as });
  try {
    while (await openMore(taken, AT_ONCE, () => open('login')));
    // Who was refused has a place until it has ended, and others were refused for that: what is left is taken one by one.
    for (let refused = 0; refused < REFUSALS; ) {
      if (await openMore(taken, 1, () => open('login'))) refused = 0;
      else refused += 1;
      if (refused > 0) await rest(A_MOMENT);
    }
    // Who has a place, and is not through its login yet, is refused when fewer are left than are kept for superusers.
    taken.push(await open('admin'));
  } catch (error) {
    await heal();
    throw error;
  }
  return heal;
}

/** @returns false when the server has none left */
async function openMore(taken: Session[], count: number, open: () => Promise<Session>): Promise<boolean> {
  const opened = await Promise.allSettled(Array.from({ length: count }, open));
  taken.push(...opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
  const refusals = opened.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const unexpected = refusals.find((error) => !isDatabaseError(error) || error.code !== TOO_MANY);
  if (unexpected !== undefined) throw unexpected;
  return refusals.length === 0;
}
