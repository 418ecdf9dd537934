/** Every documented success of the platform core, and whatever else clients can do there, under every fault. */

import { coreActs } from './core-arranged.ts';
import { sweepTest } from './sweep-scene.ts';

sweepTest('core', coreActs);
