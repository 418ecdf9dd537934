/** Every fault of the server. */

import { cancelled, terminated } from './backend.ts';
import { deadlock } from './deadlock.ts';
import { diskFull } from './disk-full.ts';
import type { ServerFault } from './field.ts';
import { restartFast, restartImmediate } from './restart.ts';
import { serializationFailure } from './serialization.ts';
import { slotsUsedUp } from './slots-used-up.ts';
import { limiterUnavailable } from './store-locked.ts';
import { lockTimeout, statementTimeout } from './timeouts.ts';

export const serverFaults: readonly ServerFault[] = [
  terminated,
  cancelled,
  statementTimeout,
  lockTimeout,
  deadlock,
  serializationFailure,
  restartFast,
  restartImmediate,
  diskFull,
  slotsUsedUp,
  limiterUnavailable,
];
