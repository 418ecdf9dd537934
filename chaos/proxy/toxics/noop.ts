/** Passes everything on unchanged. */

import type { Kind } from '../kinds.ts';

export const noop: Kind = {
  attributes: [],
  async pipe(stage) {
    for (;;) {
      const chunk = await stage.take();
      if (chunk === 'interrupted') return;
      if (chunk === 'end') return stage.finish();
      if (!(await stage.put(chunk))) return;
    }
  },
};
