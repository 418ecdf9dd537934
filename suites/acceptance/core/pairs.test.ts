/** What the tables of this folder bring about is what is documented, RPC by RPC. */

import { describe, expect, it } from 'vitest';
import { commands, hindered } from './commands.ts';
import { documentedReplies } from './documented.ts';
import { ofMembers } from './refusals-members.ts';
import { ofOperations } from './refusals-operations.ts';
import { ofUsers } from './refusals-users.ts';
import { readPapers } from './registry.ts';
import type { Pair } from './replies.ts';
import { byOperations } from './successes-operations.ts';
import { byUsers } from './successes-users.ts';

const { registry } = await readPapers();

/** Each pair of an RPC and a reply that some test asks for and asserts. */
const produced: readonly (readonly [rpc: string, pair: Pair])[] = [
  ...[...byUsers, ...byOperations].map(({ rpc, code }) => [rpc, `done ${code}`] as const),
  ...[...ofUsers, ...ofMembers, ...ofOperations].map(({ rpc, code }) => [rpc, `refused ${code}`] as const),
  ...commands.flatMap(({ rpc, before, after }) =>
    [...Object.keys(before), ...Object.keys(after)].map((code) => [rpc, `refused ${code}`] as const),
  ),
  ...hindered.map(({ rpc, refusal }) => [rpc, `refused ${refusal}`] as const),
];

describe('documented replies', () => {
  it.each([...documentedReplies(registry)])('those of %s are all brought about, and no others', (rpc, documented) => {
    const brought = produced.flatMap(([of, pair]) => (of === rpc ? [pair] : []));
    expect(brought.toSorted(), 'each once').toEqual([...documented].toSorted());
  });

  it('the tables know no other RPC', () => {
    const known = registry.rpcs.map(({ name }) => name);
    expect(produced.filter(([rpc]) => !known.includes(rpc))).toEqual([]);
  });
});
