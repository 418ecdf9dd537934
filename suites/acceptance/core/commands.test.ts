/** Every refusal that commands share: asked around a call that succeeds once, with every row as it was. */

import { describe, expect, it } from 'vitest';
import { commands, hindered } from './commands.ts';
import { call, scenes, stateOf, unchanged } from './scene.ts';
import { changedTables } from './successes.ts';

const openScene = scenes();

describe('what commands share', () => {
  it.each(commands)(
    '$rpc is refused as every command is, and once it is done it is not done again',
    async (command) => {
      await using scene = await openScene();
      const ready = await command.arrange(scene);
      for (const [code, ask] of Object.entries(command.before))
        await unchanged(scene, async () =>
          expect(await ask(scene, command.rpc, ready), code).toEqual({ ok: false, code }),
        );
      const done = await call(scene, ready.persona, command.rpc, ready.args);
      expect(done).toEqual({ ok: true, code: command.code, ...command.says });
      for (const [code, ask] of Object.entries(command.after))
        await unchanged(scene, async () =>
          expect(await ask(scene, command.rpc, ready), code).toEqual({ ok: false, code }),
        );
      await unchanged(scene, async () =>
        expect(await call(scene, ready.persona, command.rpc, ready.args)).toEqual(done),
      );
    },
  );

  it.each(hindered)('$rpc refuses: $refusal', async ({ rpc, code, refusal, details, leaves = [], arrange, ask }) => {
    await using scene = await openScene();
    const ready = await arrange(scene);
    const before = await stateOf(scene);
    expect(await ask(scene, rpc, ready)).toEqual({ ok: false, code: refusal, ...details });
    expect(changedTables(before, await stateOf(scene))).toEqual(leaves);
    expect(await call(scene, ready.persona, rpc, ready.args), 'and afterwards it is done').toMatchObject({
      ok: true,
      code,
    });
  });
});
