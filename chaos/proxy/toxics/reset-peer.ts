/** At the first chunk, or the end: drops it, waits, and closes; the connection's own mark makes a reset of it. */

import type { Kind } from '../kinds.ts';

export const resetPeer: Kind = {
  attributes: ['timeout'],
  resets: true,
  async pipe(stage, { timeout = 0 }) {
    if ((await stage.take()) === 'interrupted') return;
    await stage.sleep(timeout);
    stage.finish();
  },
};
