/** Conditions of the SQL that no T-test names: without its guard, the refusal that the registry names as its test does not come. */

import { describe, expect, it } from 'vitest';
import { literal } from '../../../fixtures/wire/escape.ts';
import { fileLab } from '../../file-lab.ts';
import { hindered } from './commands.ts';
import { openGround } from './ground.ts';
import { ofUsers } from './refusals-users.ts';
import { readPapers } from './registry.ts';
import { call, openScene, type Reply, type Scene } from './scene.ts';

const lab = fileLab();
const { registry } = await readPapers();
const named = registry.conditions.flatMap(({ id, function: of, test }) => {
  const [, rpc = '', code = ''] = /^(\w+) refuses: (\w+)$/.exec(test) ?? [];
  return rpc === '' ? [] : [{ id, of, rpc, code }];
});

describe('conditions', () => {
  it('without a T-id are these', () => {
    expect(named.map(({ id }) => id)).toEqual(['clock-skew', 'rate-limit']);
  });

  it.each(named)('$id is what $rpc refuses $code by', async ({ id, of, rpc, code }) => {
    const { scene, ask } = await asked(rpc, code);
    await using _ = scene;
    expect(await ask()).toMatchObject({ ok: false, code });
    await scene.owner.script(`DO $do$ BEGIN EXECUTE regexp_replace(
      pg_get_functiondef(${literal(of)}::regprocedure), ${literal(`-- guard: ${id}\n.*-- guard: ${id}`)}, 'false'); END $do$`);
    expect(await ask(), 'without the guard').not.toMatchObject({ code });
  });
});

/** The call of the tables that gives this refusal, on a clone where it does. */
async function asked(
  rpc: string,
  code: string,
): Promise<{ readonly scene: Scene; readonly ask: () => Promise<Reply> }> {
  const hindrance = hindered.find((one) => one.rpc === rpc && one.refusal === code);
  if (hindrance) {
    const scene = await openScene(lab);
    const ready = await hindrance.arrange(scene);
    return { scene, ask: () => hindrance.ask(scene, rpc, ready) };
  }
  const row = ofUsers.find((one) => one.rpc === rpc && one.code === code);
  if (!row) throw new RangeError(`no table has ${rpc} refuse ${code}`);
  const ground = await openGround(lab);
  return { scene: ground.scene, ask: () => call(ground.scene, row.persona, rpc, row.args(ground)) };
}
