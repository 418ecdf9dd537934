/** Every success that the platform core documents, as an act of the sweep: each from the state in which it happens. */

import type { ArrangedAct } from '../../chaos/acts.ts';
import { openScene, probeOf } from '../acceptance/core/scene.ts';
import { byOperations } from '../acceptance/core/successes-operations.ts';
import { byUsers } from '../acceptance/core/successes-users.ts';

export const coreActs: readonly ArrangedAct[] = [...byUsers, ...byOperations].map(({ rpc, code, arrange }) => ({
  name: `${rpc}: ${code}`,
  rpc,
  arrange: async (lab) => {
    const scene = await openScene(lab);
    const { persona, args } = await arrange(scene);
    // A clock that goes: what was read off it when the act was arranged is refused after some minutes.
    const said = 'p_client_ts' in args ? { ...args, p_client_ts: 'now' } : args;
    return { database: scene.db, probe: probeOf(persona, rpc, said) };
  },
}));
