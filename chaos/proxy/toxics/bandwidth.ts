/** Lets so many thousand bytes a second pass: pieces of a tenth of a second, the last one after the time that it takes. */

import type { Kind } from '../kinds.ts';

const tick = 100;

export const bandwidth: Kind = {
  attributes: ['rate'],
  least: { rate: 0 },
  async pipe(stage, { rate = 0 }) {
    const piece = Math.max(0, rate) * tick;
    // What a timer was late, or early, is taken off the next wait, so that the rate holds over time.
    let late = 0;
    const wait = async (milliseconds: number) => {
      const wanted = Math.max(0, milliseconds - late);
      const began = performance.now();
      const elapsed = await stage.pause(wanted);
      late = Math.min(tick, performance.now() - began - (milliseconds - late));
      return elapsed;
    };
    for (;;) {
      const chunk = await stage.take();
      if (chunk === 'interrupted') return;
      if (chunk === 'end') return stage.finish();
      let { data } = chunk;
      while (data.length > piece) {
        if (!(await wait(tick))) return stage.release({ ...chunk, data });
        const passed = await stage.put({ ...chunk, data: data.subarray(0, piece) });
        data = data.subarray(piece);
        if (!passed) return stage.release({ ...chunk, data });
      }
      if (!(await wait(rate > 0 ? data.length / rate : 0))) return stage.release({ ...chunk, data });
      if (!(await stage.put({ ...chunk, data }))) return;
    }
  },
};
