/** The messages in which a web backend has an act done: each is one trip to the server. */

import { assume, messageOf } from '../fixtures/act/act.ts';
import type { Act } from './model.ts';

export interface Trips {
  /** Opens the transaction and becomes the persona. */
  readonly before: readonly string[];
  readonly act: string;
  readonly commit: string;
  /** Gives the connection back to the pool after a refusal. */
  readonly giveUp: string;
}

/** What ends its transactions itself runs outside of any: role and settings are then the session's, until they are reset. */
export function tripsOf({ probe, transaction }: Pick<Act, 'probe' | 'transaction'>): Trips {
  const { persona, first = [], sql } = probe;
  if (transaction === 'block')
    return {
      before: ['BEGIN', messageOf([...assume(persona, 'LOCAL'), ...first])],
      act: sql,
      commit: 'COMMIT',
      giveUp: 'ROLLBACK',
    };
  const reset = messageOf(['RESET ROLE', 'RESET ALL']);
  return { before: [messageOf([...assume(persona, 'SESSION'), ...first])], act: sql, commit: reset, giveUp: reset };
}
