/** Every scenario, on each system where it has a meaning. */

import type { Scenario } from '../scenario.ts';
import { scenario as contention } from './c-01-core.ts';
import { scenario as outage } from './c-02-core.ts';
import { scenario as poolOfOne } from './c-02-memory.ts';
import { scenario as doubleClick } from './c-02-messaging.ts';
import { scenario as sharedAgain } from './c-02-posts.ts';
import { scenario as limiterDown } from './c-03-core.ts';
import { scenario as lag } from './c-04-core.ts';
import { scenario as clockAhead } from './c-05-core.ts';
import { scenario as clockBehind } from './c-06-core.ts';
import { scenario as maintenance } from './c-07-core.ts';
import { scenario as migration } from './c-08-core.ts';
import { scenario as rebuild } from './c-09-core.ts';

export const scenarios: readonly Scenario[] = [
  ...[contention, outage, doubleClick, sharedAgain, poolOfOne, limiterDown, lag],
  ...[clockAhead, clockBehind, maintenance, migration, rebuild],
];
