/** C-05 on Platform core: clients whose clocks are ahead. */

import type { Scenario } from '../scenario.ts';
import { clockProtections, skew } from './clock.ts';

export const scenario: Scenario = {
  id: 'C-05',
  title: 'clock skew, client ahead',
  system: 'core',
  kind: 'blocking',
  mustHold: 'A clock more than 300,000 ms ahead is refused with server_time and skew_hint, and nothing is written.',
  protections: clockProtections,
  run: (stage) => skew(stage, 1),
};
