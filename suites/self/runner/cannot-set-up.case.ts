/** A set-up that cannot do its job, for a reason that lies below another error. */

import { beforeAll, test } from 'vitest';
import { CannotRun } from '../../../fixtures/model/errors.ts';

beforeAll(() => {
  throw new Error('set-up failed', { cause: new CannotRun('The disk is full.', 'Free some space.') });
});

test('this is never reached', () => {});
