/** The fault that breaks nothing: with it everything must go as without. */

import type { Fault } from './fault.ts';

export const noop: Fault<unknown> = {
  id: 'noop',
  says: 'nothing is broken',
  apply: async () => async () => undefined,
};
