/** A file that cannot be collected, because the project under test is unusable. */

import { test } from 'vitest';
import { CannotRun } from '../../../fixtures/model/errors.ts';

function refuse(): never {
  throw new CannotRun('There are no migrations in shop.', 'Name a folder that holds some.');
}

refuse();
test('this is never reached', () => {});
