/** Every attack on the project that `PROJECT` names, one test for each attack and surface. */

import { describe, inject } from 'vitest';
import { check } from '../../fixtures/engine/check.ts';
import { openLab } from '../../fixtures/lab/lab.ts';
import { CannotRun } from '../../fixtures/model/errors.ts';
import { loadAttacks } from '../load-attacks.ts';
import { verdictTests } from '../verdict-tests.ts';

const project = inject('project');
if (project === null) throw new CannotRun('no project was given', 'set PROJECT to the folder that holds migrations/');

await using lab = openLab(inject('server'));
const checked = await check(lab, {
  project,
  ...inject('staging'),
  attacks: await loadAttacks(),
  seed: inject('seed'),
  overHttp: true,
  today: new Date().toISOString().slice(0, 10),
});

describe(checked.summary.project, () => verdictTests(checked, inject('failOn')));
