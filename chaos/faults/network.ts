/** Every fault of the network: each toxic on each stream, and the server out of reach. */

import { down } from './down.ts';
import type { Fault, Wire } from './fault.ts';
import { noop } from './noop.ts';
import { type Toxin, toxicFault } from './toxic.ts';

const toxins: readonly Omit<Toxin, 'stream'>[] = [
  { type: 'latency', attributes: { latency: 200, jitter: 50 }, says: 'everything comes late' },
  { type: 'bandwidth', attributes: { rate: 0 }, says: 'nothing passes, and the connection stays open' },
  { type: 'slow_close', attributes: { delay: 300 }, says: 'the end of the connection comes late' },
  { type: 'timeout', attributes: { timeout: 200 }, says: 'nothing passes, then the connection ends' },
  { type: 'reset_peer', attributes: { timeout: 0 }, says: 'the next message resets the connection' },
  {
    type: 'slicer',
    attributes: { average_size: 50, size_variation: 20, delay: 2_000 },
    says: 'everything comes in small pieces',
  },
  { type: 'limit_data', attributes: { bytes: 3 }, says: 'the connection ends within the next message' },
];

export const networkFaults: readonly Fault<Wire>[] = [
  noop,
  ...toxins.flatMap((toxin) => (['upstream', 'downstream'] as const).map((stream) => toxicFault({ ...toxin, stream }))),
  down,
];
