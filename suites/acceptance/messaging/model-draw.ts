/** Commands of messaging as they are drawn. */

import fc from 'fast-check';
import { type Command, type Pair, people, topics } from './model.ts';

/** Most callers name themselves, and most texts are good: else hardly a command would get anywhere. */
const person = fc.constantFrom(...people);
const caller = fc.oneof(
  { weight: 8, arbitrary: person },
  { weight: 1, arbitrary: fc.constantFrom('anon' as const, 'nobody' as const) },
);
const topic = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...topics) },
  { weight: 1, arbitrary: fc.constant('noTopic' as const) },
);
const pair: fc.Arbitrary<Pair> = fc.record({ topic, helper: person });
const status = fc.constantFrom('active' as const, 'active' as const, 'completed' as const, 'cancelled' as const);
const requestStatus = fc.constantFrom(
  'open' as const,
  'open' as const,
  'in_progress' as const,
  'completed' as const,
  'cancelled' as const,
);
const edges = [
  '',
  ' ',
  '\u3000\u2003',
  'x',
  '123456789',
  '1234567890',
  '\u00a01234567890\u2029',
  '語'.repeat(10),
  'x'.repeat(1000),
  'x'.repeat(1001),
  '🙂'.repeat(1000),
  `${'🙂'.repeat(1000)} `,
];
const text = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('A proper first message', 'Another proper message') },
  { weight: 2, arbitrary: fc.constantFrom(...edges) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 14 }).filter((drawn) => !drawn.includes('\0')) },
);
const maybeText = fc.oneof({ weight: 12, arbitrary: text }, { weight: 1, arbitrary: fc.constant(null) });

/** Commands of one caller; `self` is whom they name when they are honest. */
export const command: fc.Arbitrary<Command> = caller.chain((by) => {
  const self = by === 'anon' || by === 'nobody' ? 'ann' : by;
  const identity = fc.oneof({ weight: 8, arbitrary: fc.constant(self) }, { weight: 2, arbitrary: person });
  const maybe = fc.oneof({ weight: 12, arbitrary: identity }, { weight: 1, arbitrary: fc.constant(null) });
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        by: fc.constant(by),
        do: fc.constant('create' as const),
        topic,
        as: maybe,
        text: maybeText,
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        by: fc.constant(by),
        do: fc.constant('send' as const),
        to: pair,
        as: maybe,
        text: maybeText,
      }),
    },
    { weight: 3, arbitrary: fc.record({ by: fc.constant(by), do: fc.constant('get' as const), of: pair, as: maybe }) },
    {
      weight: 3,
      arbitrary: fc.record({
        by: fc.constant(by),
        do: fc.constant('insertConversation' as const),
        topic,
        requester: person,
        helper: identity,
        text,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        by: fc.constant(by),
        do: fc.constant('insertMessage' as const),
        to: pair,
        sender: identity,
        text,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ by: fc.constant(by), do: fc.constant('setStatus' as const), of: pair, status }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        by: fc.constant(by),
        do: fc.constant('setRequest' as const),
        topic,
        status: requestStatus,
      }),
    },
  );
});
