/** A test that decides to skip itself. */

import { test } from 'vitest';

test('this machine has what the test needs', ({ skip }) => skip('it has not'));
