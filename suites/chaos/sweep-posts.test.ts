/** Every act of the system posts under every fault. */

import { sweepTest } from './sweep-scene.ts';

sweepTest('posts');
