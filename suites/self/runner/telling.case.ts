/** Tests of chaos that tell what they came to: held, a warning, and a sweep that is not held. */

import { test } from 'vitest';
import { tellScenario, tellSweep } from '../../chaos/told.ts';
import { held, proxy, sweep, warned } from '../sample-chaos.ts';

test('C-01 core: database lock contention', ({ task }) => tellScenario(task, proxy, held));
test('C-04 core: replication lag', ({ task }) => tellScenario(task, proxy, warned));
test('the sweep of core', ({ task }) => tellSweep(task, proxy, sweep));
