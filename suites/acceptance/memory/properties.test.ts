/** Leak and impersonation properties over every relation and routine: what the first stage must show, and a silent head. */

import { describe, expect, inject, test } from 'vitest';
import { check } from '../../../fixtures/engine/check.ts';
import { openLab } from '../../../fixtures/lab/lab.ts';
import { loadAttacks } from '../../load-attacks.ts';
import { verdictTests } from '../../verdict-tests.ts';
import { memoryProject } from './project.ts';
import { stage1 } from './scene.ts';

await using lab = openLab(inject('server'));
const common = {
  project: memoryProject,
  attacks: await loadAttacks(),
  seed: inject('seed'),
  today: new Date().toISOString().slice(0, 10),
};

const first = await check(lab, { ...common, to: stage1 });
const head = await check(lab, common);

describe('Memory chunks: what the harness says of its history', () => {
  test('the first stage: the empty tenant is served, and the setting outlives its request', () => {
    expect(first.findings.map(({ key }) => key)).toEqual([
      'session-setting-outlives:call:public.memory_use_tenant(text)',
      'tenant-empty:select:public.memory_chunks',
      'tenant-empty:insert:public.memory_chunks',
    ]);
  });

  test('the head: nothing is found, nothing is unknown, every routine was called with success', () => {
    expect(head).toMatchObject({ findings: [], questions: [], unknown: [] });
    expect(head.summary.covered).toMatchObject({ routines: [2, 2], relations: [1, 1] });
  });
});

describe('Memory chunks: leak and impersonation properties', () => verdictTests(head));
