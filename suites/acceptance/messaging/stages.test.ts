/** What the history of the system lets through: a harness is worth what it finds here. */

import { describe, expect, it } from 'vitest';
import { anon, noSub } from '../../../fixtures/act/personas.ts';
import type { Persona } from '../../../fixtures/model/persona.ts';
import { fileLab } from '../../file-lab.ts';
import { impersonations } from './impersonations.ts';
import {
  added,
  as,
  call,
  conversations,
  create,
  openScene,
  requests,
  type Scene,
  send,
  stateOf,
  untouched,
  users,
} from './scene.ts';

const lab = fileLab();
const unchanged = untouched(lab, 'callerCheck');

describe('the stages before the head', () => {
  const everybody = {
    'a stranger': as.stranger,
    'the anonymous caller': anon(),
    'a caller without sub': noSub(),
  } as const;
  const atBase = impersonations.flatMap((victim) => [
    { who: 'the other participant', persona: as[victim.partner], victim, name: victim.name },
    ...Object.entries(everybody).map(([who, persona]) => ({ who, persona, victim, name: victim.name })),
  ]);
  it.each(atBase)('T-MSG-28 at the base stage $who gets $name', async ({ persona, victim }) => {
    await using scene = await openScene(lab, 'base');
    await succeeds(scene, persona, victim);
  });

  it.each(impersonations)(
    'T-MSG-29 at the caller-check stage a signed-in impersonator is refused $name',
    ({ routine, args, partner, refusal }) =>
      unchanged(async (scene) => {
        for (const persona of [as[partner], as.stranger])
          expect(await call(scene, persona, routine, args)).toEqual(refusal);
      }),
  );

  const nobody = { 'the anonymous caller': anon(), 'a caller without sub': noSub() } as const;
  const atCheck = impersonations.flatMap((victim) =>
    Object.entries(nobody).map(([who, persona]) => ({ who, persona, victim, name: victim.name })),
  );
  it.each(atCheck)('T-MSG-29 at the caller-check stage $who still gets $name', async ({ persona, victim }) => {
    await using scene = await openScene(lab, 'callerCheck');
    await succeeds(scene, persona, victim);
  });

  it('T-MSG-45 the base stage refuses a duplicate, the caller-check stage gives its id', async () => {
    for (const [stage, reply] of [
      [
        'base',
        { success: false, error: expect.stringContaining('already exists'), message: 'Failed to create conversation' },
      ],
      ['callerCheck', { success: true, conversation_id: conversations.first, message: 'Conversation already exists' }],
    ] as const) {
      await using scene = await openScene(lab, stage);
      const before = await stateOf(scene);
      expect(await create(scene, as.helper, requests.open, users.helper, 'Quite another first message')).toEqual(reply);
      expect(await stateOf(scene)).toEqual(before);
    }
  });

  it.each(['base', 'callerCheck'] as const)(
    'T-MSG-45 stage %s trims plain spaces and takes other white space for text',
    async (stage) => {
      await using scene = await openScene(lab, stage);
      expect(await create(scene, as.helper, requests.in_progress, users.helper, '  123456789  ')).toMatchObject({
        success: false,
      });
      expect(
        await create(scene, as.helper, requests.in_progress, users.helper, `  ${'\u00a0'.repeat(10)}  `),
      ).toMatchObject({ success: true });
      expect(await send(scene, as.helper, conversations.first, users.helper, '   ')).toMatchObject({ success: false });
      expect(await send(scene, as.helper, conversations.first, users.helper, ' \t ')).toMatchObject({ success: true });
      expect(await added(scene, 'conversations_v2')).toMatchObject([{ initial_message: '\u00a0'.repeat(10) }]);
      expect(await added(scene, 'messages_v2')).toMatchObject([{ content: '\t' }]);
    },
  );
});

async function succeeds(
  scene: Scene,
  persona: Persona,
  { routine, args, success, writes }: (typeof impersonations)[number],
): Promise<void> {
  expect(await call(scene, persona, routine, args)).toMatchObject(success);
  if (writes === null) return;
  const named = args[writes === 'messages_v2' ? 'p_sender_id' : 'p_helper_id'];
  const column = writes === 'messages_v2' ? 'sender_id' : 'helper_id';
  expect(await added(scene, writes)).toMatchObject([{ [column]: named }]);
}
