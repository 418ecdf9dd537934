/** C-06 on Platform core: clients whose clocks are behind. */

import type { Scenario } from '../scenario.ts';
import { clockProtections, skew } from './clock.ts';

export const scenario: Scenario = {
  id: 'C-06',
  title: 'clock skew, client behind',
  system: 'core',
  kind: 'warning',
  mustHold: 'A clock up to 300,000 ms behind is accepted, one further behind refused.',
  protections: clockProtections,
  run: (stage) => skew(stage, -1),
};
