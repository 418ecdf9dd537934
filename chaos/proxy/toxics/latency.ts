/** Each chunk leaves so many milliseconds after it came, give or take the jitter; the order stays. */

import type { Kind } from '../kinds.ts';

export const latency: Kind = {
  attributes: ['latency', 'jitter'],
  capacity: 1024,
  async pipe(stage, attributes) {
    for (;;) {
      const chunk = await stage.take();
      if (chunk === 'interrupted') return;
      if (chunk === 'end') return stage.finish();
      const wait = chunk.at + delay(attributes) - performance.now();
      if (!(await stage.pause(wait))) return stage.release(chunk);
      if (!(await stage.put({ data: chunk.data, at: chunk.at + wait }))) return;
    }
  },
};

function delay({ latency: middle = 0, jitter = 0 }: Readonly<Record<string, number>>): number {
  return jitter > 0 ? middle + Math.floor(Math.random() * jitter * 2) - jitter : middle;
}
