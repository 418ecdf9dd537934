/** Lets exactly so many bytes pass, counted from when it was added, then closes. */

import type { Kind } from '../kinds.ts';

export const limitData: Kind = {
  attributes: ['bytes'],
  async pipe(stage, { bytes = 0 }) {
    for (;;) {
      const chunk = await stage.take();
      if (chunk === 'interrupted') return;
      if (chunk === 'end') return stage.finish();
      const data = chunk.data.subarray(0, Math.max(0, bytes - stage.passed));
      stage.passed += data.length;
      if (data.length > 0 && !(await stage.put({ ...chunk, data }))) return;
      if (stage.passed >= bytes) return stage.finish();
    }
  },
};
