/** The lab of one test file of a reference system. */

import { afterAll, inject } from 'vitest';
import { type Lab, openLab } from '../fixtures/lab/lab.ts';

/** Opens a lab on the run's server, closed after the file's tests. */
export function fileLab(): Lab {
  const lab = openLab(inject('server'));
  afterAll(() => lab[Symbol.asyncDispose]());
  return lab;
}
