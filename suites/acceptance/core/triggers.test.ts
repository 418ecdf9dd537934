/** Every trigger of the core: what it refuses to the schema's owner, and that nothing else names the same once it is gone. */

import { describe, expect, it } from 'vitest';
import { ident, qualified } from '../../../fixtures/wire/escape.ts';
import { ack, group, send } from './acts.ts';
import { as, call, forbidden, rowsOf, type Scene, scenes, unchanged, users } from './scene.ts';
import { type Trigger, triggers } from './triggers.ts';

const openScene = scenes();

describe('triggers', () => {
  it.each(triggers.refusing)('trigger $name refuses what its rule forbids', async (trigger) => {
    await using scene = await peopled();
    const { name, statement } = trigger;
    await unchanged(scene, async () => expect(await forbidden(scene, statement)).toBe(name));
    await drop(scene, trigger);
    expect(await forbidden(scene, statement), 'without the trigger').not.toBe(name);
  });

  it(`trigger ${triggers.cleaning.name} takes pointers and projection from who is removed`, async () => {
    const left = async (taken: (scene: Scene) => Promise<void>) => {
      await using scene = await peopled();
      await taken(scene);
      expect(await forbidden(scene, triggers.cleaning.statement)).toBe(null);
      const projections = await rowsOf(scene, 'core_projections');
      const bob = (await rowsOf(scene, 'core_members')).find(({ state }) => state === 'removed');
      return [
        bob?.['last_read_seq'],
        bob?.['last_delivered_seq'],
        projections.filter(({ user_id }) => user_id === users.bob).length,
      ];
    };
    expect(await left(async () => {})).toEqual([0, 0, 1]);
    expect(await left((scene) => drop(scene, triggers.cleaning)), 'without the trigger').toEqual([1, 1, 2]);
  });
});

/** Ann's group with Bob, who has read her one message, and their direct message. */
async function peopled(): Promise<Scene> {
  const scene = await openScene();
  const scope = await group(scene, [as.bob]);
  await call(scene, as.ann, 'core_create_or_get_dm_v1', { p_other_user: users.bob });
  await send(scene, as.ann, scope);
  await ack(scene, as.bob, scope, 1, 1);
  return scene;
}

async function drop(scene: Scene, { schema = 'public', table, name }: Trigger): Promise<void> {
  await scene.owner.script(`DROP TRIGGER ${ident(name)} ON ${qualified(schema, table)}`);
}
