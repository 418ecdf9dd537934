/** Every fault of the server. */

import { cancelled, terminated } from './backend.ts';
import type { Fault } from './fault.ts';
import type { Field } from './field.ts';

export const serverFaults: readonly Fault<Field>[] = [terminated, cancelled];
