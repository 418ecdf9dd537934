/** Commands of sharing as they are drawn: those who may do most come most often. */

import fc from 'fast-check';
import { type Command, collectives, people, posts, roles, statuses } from './model.ts';

const person = fc.constantFrom(...people);
/** Those who may do most come most often. */
const by = fc.constantFrom(
  'author',
  'author',
  'author',
  'editor',
  'editor',
  'owner',
  'admin',
  'member',
  'outsider',
  'service',
);
const at = { post: fc.constantFrom(...posts), collective: fc.constantFrom('open', 'open', 'strict', 'strict', 'far') };
const status = fc.constantFrom(...statuses);
const set = fc.oneof(
  { weight: 3, arbitrary: fc.record({ status }) },
  { weight: 1, arbitrary: fc.record({ order: fc.integer({ min: -3, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ note: fc.string({ maxLength: 6 }).filter((text) => !text.includes('\0')) }) },
);
const into = fc.array(fc.constantFrom('open', 'strict', 'open', 'strict', 'far'), { maxLength: 3 });

const insert = by.chain((caller) => {
  const self = caller === 'service' ? 'author' : caller;
  const named = fc.oneof({ weight: 5, arbitrary: fc.constant(self) }, { weight: 1, arbitrary: person });
  return fc.record({ do: fc.constant('insert'), by: fc.constant(caller), as: named, status, ...at });
});

export const command = fc.oneof(
  { weight: 5, arbitrary: insert },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('update'), by, set, ...at }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove'), by, ...at }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('share'),
      by: fc.constantFrom('author', 'author', 'editor', 'member'),
      post: at.post,
      into,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop'), by, post: at.post }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('migrate') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('seat'),
      collective: fc.constantFrom(...collectives),
      person,
      role: fc.constantFrom(...roles),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('ask'),
      collective: fc.constantFrom(...collectives),
      approval: fc.boolean(),
    }),
  },
) as fc.Arbitrary<Command>;
