/** Every scenario, on each system where it has a meaning. */

import type { Scenario } from '../scenario.ts';
import { scenario as clockAhead } from './c-05-core.ts';
import { scenario as clockBehind } from './c-06-core.ts';

export const scenarios: readonly Scenario[] = [clockAhead, clockBehind];
