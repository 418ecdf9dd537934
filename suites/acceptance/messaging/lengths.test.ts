/** How long a text may be, in code points, and what counts as white space. */

import { describe, expect, it } from 'vitest';
import { fileLab } from '../../file-lab.ts';
import {
  added,
  as,
  conversations,
  create,
  openScene,
  requests,
  run,
  type Scene,
  send,
  stateOf,
  untouched,
  users,
} from './scene.ts';
import { insertOf } from './statements.ts';

const lab = fileLab();
const unchanged = untouched(lab);

/** The code points with the property White_Space, taken from the runtime's own tables. */
const whiteSpace = Array.from({ length: 0x3001 }, (_, code) => String.fromCodePoint(code)).filter((text) =>
  /\p{White_Space}/u.test(text),
);
const everyKind = whiteSpace.join('');
/** Two, three and four bytes; the last one is two UTF-16 units in JavaScript, and one code point. */
const letters = ['x', 'é', '語', '🙂'] as const;

const tooShort = 'Initial message must be at least 10 characters long';
const tooLong = 'Initial message cannot exceed 1000 characters';
const empty = 'Message content cannot be empty';
const overlong = 'Message cannot exceed 1000 characters';

describe('lengths', () => {
  it.each(letters)('T-MSG-08 T-MSG-10 an initial message of 10 or 1000 times %s is stored whole', async (letter) => {
    for (const length of [10, 1000]) {
      await using scene = await openScene(lab);
      expect(await offer(scene, letter.repeat(length))).toMatchObject({ success: true });
      expect(await added(scene, 'conversations_v2')).toMatchObject([{ initial_message: letter.repeat(length) }]);
    }
  });

  it.each(letters)('T-MSG-08 T-MSG-10 an initial message of 9 or 1001 times %s is refused', (letter) =>
    unchanged(async (scene) => {
      expect(await offer(scene, letter.repeat(9))).toMatchObject({ success: false, error: tooShort });
      expect(await offer(scene, letter.repeat(1001))).toMatchObject({ success: false, error: tooLong });
    }),
  );

  it.each(letters)('T-MSG-09 T-MSG-10 a message of 1 or 1000 times %s is stored whole', async (letter) => {
    await using scene = await openScene(lab);
    expect(await note(scene, letter)).toMatchObject({ success: true });
    expect(await note(scene, letter.repeat(1000))).toMatchObject({ success: true });
    const contents = (await added(scene, 'messages_v2')).map((row) => String(row.content));
    expect(contents.toSorted((a, b) => a.length - b.length)).toEqual([letter, letter.repeat(1000)]);
  });

  it.each(letters)('T-MSG-09 T-MSG-10 a message of 0 or 1001 times %s is refused', (letter) =>
    unchanged(async (scene) => {
      expect(await note(scene, '')).toMatchObject({ success: false, error: empty });
      expect(await note(scene, letter.repeat(1001))).toMatchObject({ success: false, error: overlong });
    }),
  );

  it('T-MSG-10 the same lengths hold for a direct insert, in code points', async () => {
    await using scene = await openScene(lab);
    const before = await stateOf(scene);
    for (const text of ['🙂'.repeat(9), '🙂'.repeat(1001)])
      expect((await insertOffer(scene, text)).error?.sqlstate).toBe('23514');
    for (const text of ['', '🙂'.repeat(1001)]) expect((await insertNote(scene, text)).error?.sqlstate).toBe('23514');
    expect(await stateOf(scene)).toEqual(before);
    expect(await insertOffer(scene, '🙂'.repeat(1000))).toMatchObject({ error: null, count: 1 });
    expect(await insertNote(scene, '🙂'.repeat(1000))).toMatchObject({ error: null, count: 1 });
  });

  it('T-MSG-11 a text of white space alone is refused, whatever kind it is', () =>
    unchanged(async (scene) => {
      expect(whiteSpace).toHaveLength(25);
      for (const space of [...whiteSpace, everyKind]) {
        expect(await offer(scene, space.repeat(20))).toMatchObject({ success: false, error: tooShort });
        expect(await note(scene, space.repeat(20))).toMatchObject({ success: false, error: empty });
        expect((await insertOffer(scene, space.repeat(20))).error?.sqlstate).toBe('23514');
        expect((await insertNote(scene, space.repeat(20))).error?.sqlstate).toBe('23514');
      }
    }));

  it('T-MSG-11 white space does not help to reach the minimum, and counts for the maximum', () =>
    unchanged(async (scene) => {
      expect(await offer(scene, `${everyKind}123456789${everyKind}`)).toMatchObject({ error: tooShort });
      expect(await offer(scene, `${'x'.repeat(1000)}\u00a0`)).toMatchObject({ error: tooLong });
      expect(await note(scene, `${'x'.repeat(1000)}\u00a0`)).toMatchObject({ error: overlong });
    }));

  it('T-MSG-40 the stored text is the trimmed one, and white space within it stays', async () => {
    await using scene = await openScene(lab);
    const text = `ten${everyKind}letters\u200b`;
    expect(await offer(scene, `${everyKind}${text}${everyKind}`)).toMatchObject({ success: true });
    expect(await note(scene, `${everyKind}${text}${everyKind}`)).toMatchObject({ success: true });
    expect(await added(scene, 'conversations_v2')).toMatchObject([{ initial_message: text }]);
    expect(await added(scene, 'messages_v2')).toMatchObject([{ content: text }]);
  });

  it('T-MSG-40 a direct insert stores no untrimmed text either', () =>
    unchanged(async (scene) => {
      for (const space of whiteSpace) {
        expect((await insertOffer(scene, `A proper first message${space}`)).error?.sqlstate).toBe('23514');
        expect((await insertNote(scene, `${space}hello`)).error?.sqlstate).toBe('23514');
      }
    }));
});

const offer = (scene: Scene, text: string) => create(scene, as.helper, requests.in_progress, users.helper, text);
const note = (scene: Scene, text: string) => send(scene, as.helper, conversations.first, users.helper, text);

function insertOffer(scene: Scene, text: string) {
  const people = { requester_id: users.requester, helper_id: users.helper };
  return run(
    scene,
    as.helper,
    insertOf('conversations_v2', { help_request_id: requests.in_progress, ...people, initial_message: text }),
  );
}

function insertNote(scene: Scene, text: string) {
  const row = { conversation_id: conversations.first, sender_id: users.helper, content: text };
  return run(scene, as.helper, insertOf('messages_v2', row));
}
