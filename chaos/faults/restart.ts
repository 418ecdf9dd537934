/** The server stops; healing starts it again. */

import { CannotOccur } from './fault.ts';
import type { Field, ServerFault } from './field.ts';

export const noServer = 'the server is shared with others';

export const restartFast = restart('fast', 'the server ends every session and stops');
export const restartImmediate = restart('immediate', 'the server crashes, and recovers when it starts again');

function restart(mode: 'fast' | 'immediate', says: string): ServerFault {
  return {
    id: `restart-${mode}`,
    says,
    strikes: 'server',
    never: {},
    apply: async ({ server }: Field) => {
      if (server === null) throw new CannotOccur(noServer);
      await server.stop(mode);
      return () => server.start();
    },
  };
}
