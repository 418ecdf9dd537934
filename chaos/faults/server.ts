/** Every fault of the server. */

import { cancelled, terminated } from './backend.ts';
import { deadlock } from './deadlock.ts';
import type { ServerFault } from './field.ts';
import { serializationFailure } from './serialization.ts';
import { lockTimeout, statementTimeout } from './timeouts.ts';

export const serverFaults: readonly ServerFault[] = [
  terminated,
  cancelled,
  statementTimeout,
  lockTimeout,
  deadlock,
  serializationFailure,
];
