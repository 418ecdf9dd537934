/** Every act of the system memory under every fault. */

import { sweepTest } from './sweep-scene.ts';

sweepTest('memory');
