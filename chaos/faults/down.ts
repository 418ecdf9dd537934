/** The server cannot be reached: connections are cut, and new ones refused. */

import type { Fault, Healing, Wire } from './fault.ts';

export const down: Fault<Wire> = {
  id: 'down',
  says: 'the server cannot be reached',
  apply: disable,
};

/** Cuts every connection and drops what is held on the way; its healing lets new ones come. */
export async function disable({ proxy }: Wire): Promise<Healing> {
  const { listen, upstream } = proxy;
  await proxy.update({ enabled: false, listen, upstream });
  return async () => {
    await proxy.update({ enabled: true, listen, upstream });
  };
}
