/** Swallows the stream, and closes it after so many milliseconds without a chunk; with 0, never. */

import type { Kind } from '../kinds.ts';

export const timeout: Kind = {
  attributes: ['timeout'],
  closesWhenRemoved: true,
  async pipe(stage, { timeout: silence = 0 }) {
    for (;;) {
      const chunk = silence > 0 ? await stage.takeWithin(silence) : await stage.take();
      if (chunk === 'interrupted') return;
      if (chunk === 'end' || chunk === 'late') return stage.finish();
    }
  },
};
