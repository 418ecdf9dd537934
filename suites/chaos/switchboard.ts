/** The fault proxy of one test file. */

import { afterAll, inject } from 'vitest';
import { openSwitchboard, type Switchboard } from '../../chaos/line.ts';

/** Opened when it is first asked for, closed after the file's tests. */
export function fileSwitchboard(): () => Promise<Switchboard> {
  let opened: Promise<Switchboard> | null = null;
  afterAll(async () => (await opened)?.[Symbol.asyncDispose]());
  return () => {
    opened ??= openSwitchboard({ access: inject('server') });
    return opened;
  };
}
