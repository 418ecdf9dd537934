/** Every scenario, on each system where it has a meaning. */

import type { Scenario } from '../scenario.ts';

export const scenarios: readonly Scenario[] = [];
