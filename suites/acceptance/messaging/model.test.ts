/** The database and the reference model take the same random commands, and agree after each one. */

import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { fileLab } from '../../file-lab.ts';
import { type Command, type Pair, type State, start, step } from './model.ts';
import { command } from './model-draw.ts';
import { openScene, type Scene } from './scene.ts';
import { read, reset, take } from './system.ts';

const lab = fileLab();

/** Reaches every success and comes back to a closed conversation: whatever the seed, none of them is missed. */
const annsTalk = { topic: 'annsOpen', helper: 'bob' } as const;
const walk: readonly Command[] = [
  { by: 'bob', do: 'create', topic: 'annsOpen', as: 'bob', text: ' A proper first message ' },
  { by: 'bob', do: 'create', topic: 'annsOpen', as: 'bob', text: 'A proper second message' },
  { by: 'ann', do: 'send', to: annsTalk, as: 'ann', text: '\u00a0hello\u00a0' },
  { by: 'bob', do: 'insertMessage', to: annsTalk, sender: 'bob', text: 'hello, too' },
  { by: 'ann', do: 'get', of: annsTalk, as: 'ann' },
  { by: 'cat', do: 'get', of: annsTalk, as: 'cat' },
  {
    by: 'cat',
    do: 'insertConversation',
    topic: 'bobsOpen',
    requester: 'bob',
    helper: 'cat',
    text: 'A proper first message',
  },
  { by: 'bob', do: 'setStatus', of: annsTalk, status: 'completed' },
  { by: 'ann', do: 'send', to: annsTalk, as: 'ann', text: 'too late' },
  { by: 'ann', do: 'insertMessage', to: annsTalk, sender: 'ann', text: 'too late' },
  { by: 'bob', do: 'setRequest', topic: 'bobsOpen', status: 'cancelled' },
  { by: 'cat', do: 'create', topic: 'bobsOpen', as: 'cat', text: 'A proper first message' },
  { by: 'nobody', do: 'create', topic: 'annsOpen', as: null, text: 'A proper first message' },
  { by: 'anon', do: 'get', of: annsTalk, as: 'ann' },
];

const commands = fc.array(command, { minLength: 1, maxLength: 24, size: 'max' });

describe('the reference model', () => {
  it('T-MSG-30 under random commands replies and state agree with the model after every step', async () => {
    await using scene = await openScene(lab);
    const property = fc.asyncProperty(commands, (drawn) => agree(scene, drawn));
    // A failure's message holds seed, path and the shrunk commands; ROWPROOF_SEED draws them again.
    await fc.assert(property, { seed: inject('seed'), numRuns: 35, examples: [[[...walk]]] });
  });

  it('T-MSG-30 the base stage disagrees with the model, and seed and path lead back to where', async () => {
    await using scene = await openScene(lab, 'base');
    const property = fc.asyncProperty(commands, (drawn) => agree(scene, drawn));
    const found = await fc.check(property, { seed: inject('seed'), numRuns: 35 });
    expect(found.failed).toBe(true);
    const replayed = await fc.check(property, { seed: found.seed, path: found.counterexamplePath ?? '' });
    expect(replayed.counterexample).toEqual(found.counterexample);
    // What the shrunk commands left behind is gone with the next reset.
    await reset(scene);
    expect((await read(scene)).state).toEqual(start);
  });
});

async function agree(scene: Scene, commands: readonly Command[]): Promise<void> {
  await reset(scene);
  let expected: State = start;
  let { ids } = await read(scene);
  for (const [at, one] of commands.entries()) {
    const [reply, state] = step(expected, one);
    const found = await take(scene, one, ids);
    const where = `command ${at}: ${JSON.stringify(one)}`;
    expect(found.reply, where).toEqual(reply);
    expect(sorted(found.state), where).toEqual(sorted(state));
    expected = state;
    ids = found.ids;
  }
}

function sorted({ requests, conversations }: State): State {
  const name = ({ topic, helper }: Pair) => `${topic}/${helper}`;
  return { requests, conversations: conversations.toSorted((a, b) => name(a).localeCompare(name(b))) };
}
