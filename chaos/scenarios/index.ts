/** Every scenario, on each system where it has a meaning. */

import type { Scenario } from '../scenario.ts';
import { scenario as contention } from './c-01-core.ts';
import { scenario as outage } from './c-02-core.ts';
import { scenario as limiterDown } from './c-03-core.ts';
import { scenario as clockAhead } from './c-05-core.ts';
import { scenario as clockBehind } from './c-06-core.ts';

export const scenarios: readonly Scenario[] = [contention, outage, limiterDown, clockAhead, clockBehind];
