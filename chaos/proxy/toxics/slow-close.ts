/** Data passes; the end of the stream waits. */

import type { Kind } from '../kinds.ts';

export const slowClose: Kind = {
  attributes: ['delay'],
  async pipe(stage, { delay = 0 }) {
    for (;;) {
      const chunk = await stage.take();
      if (chunk === 'interrupted') return;
      if (chunk === 'end') {
        if (await stage.pause(delay)) stage.finish();
        return;
      }
      if (!(await stage.put(chunk))) return;
    }
  },
};
