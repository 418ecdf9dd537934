/** Every refusal that is an RPC's own: the whole reply, and every row as it was. */

import { beforeAll, describe, it } from 'vitest';
import { fileLab } from '../../file-lab.ts';
import { type Ground, openGround } from './ground.ts';
import { expectRefused, type Refusal } from './refusals.ts';
import { ofMembers } from './refusals-members.ts';
import { ofOperations } from './refusals-operations.ts';
import { ofUsers } from './refusals-users.ts';

const lab = fileLab();
let ground: Ground;
beforeAll(async () => {
  ground = await openGround(lab);
});

describe.each<[string, readonly Refusal[]]>([
  ['users', ofUsers],
  ['members', ofMembers],
  ['operations', ofOperations],
])('refusals of %s', (_, rows) => {
  it.each(rows)('$rpc refuses: $code', (row) => expectRefused(ground, row));
});
