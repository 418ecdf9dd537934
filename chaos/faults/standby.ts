/** Faults of a standby: it falls behind, or takes over. */

import type { Standby } from '../../fixtures/servers/standby.ts';
import { moments } from '../model.ts';
import { CannotOccur, type Fault } from './fault.ts';
import type { ServerFault } from './field.ts';

export interface Replicated {
  readonly standby: Standby;
}

export const standbyLagging: Fault<Replicated> = {
  id: 'standby-lagging',
  says: 'the standby shows nothing new',
  apply: async ({ standby }) => {
    await standby.pause();
    return () => standby.resume();
  },
};

/** What has taken over stays so: its healing is to make another standby. */
export const standbyPromoted: Fault<Replicated> = {
  id: 'standby-promoted',
  says: 'the standby takes over with what has arrived',
  apply: async ({ standby }) => {
    await standby.promote();
    return async () => undefined;
  },
};

const noStandby = 'the server of the sweep has no standby; scenario C-04 strikes one';

/** As the sweep knows them: cells that cannot occur, since its clients do not write to a pair of servers. */
export const standbyFaults: readonly ServerFault[] = [standbyLagging, standbyPromoted].map(({ id, says }) => ({
  id,
  says,
  strikes: 'client',
  never: Object.fromEntries(moments.map((moment) => [moment, noStandby])),
  apply: () => Promise.reject(new CannotOccur(noStandby)),
}));
