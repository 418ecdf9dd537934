/** Every success that an RPC documents: the whole reply, exactly the tables that it changes, and the row that it is about. */

import { describe, it } from 'vitest';
import { scenes } from './scene.ts';
import { expectDone } from './successes.ts';
import { byOperations } from './successes-operations.ts';
import { byUsers } from './successes-users.ts';

const openScene = scenes();

describe('successes', () => {
  it.each([...byUsers, ...byOperations])('$rpc answers: $code', async (row) => {
    await using scene = await openScene();
    await expectDone(scene, row);
  });
});
