/** Faults of a standby: it falls behind, or takes over. */

import type { Standby } from '../../fixtures/servers/standby.ts';
import type { Fault } from './fault.ts';

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
