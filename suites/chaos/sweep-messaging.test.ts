/** Every act of the system messaging under every fault. */

import { sweepTest } from './sweep-scene.ts';

sweepTest('messaging');
