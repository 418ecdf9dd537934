/** Leak and impersonation properties over every relation and RPC: what each stage's history must show, and a silent head. */

import { describe, expect, inject, test } from 'vitest';
import { check } from '../../../fixtures/engine/check.ts';
import { openLab } from '../../../fixtures/lab/lab.ts';
import { loadAttacks } from '../../load-attacks.ts';
import { verdictTests } from '../../verdict-tests.ts';
import { project, stages } from './scene.ts';

await using lab = openLab(inject('server'));
const common = {
  project,
  attacks: await loadAttacks(),
  seed: inject('seed'),
  today: new Date().toISOString().slice(0, 10),
};

const base = await check(lab, { ...common, to: stages.base });
const callerCheck = await check(lab, { ...common, to: stages.callerCheck });
const head = await check(lab, common);

const RPCS = [
  'public.create_conversation_atomic(uuid,uuid,text)',
  'public.get_conversation_v2(uuid,uuid)',
  'public.send_message_v2(uuid,uuid,text)',
];

const foundBy = (attack: string, { findings }: typeof head) =>
  findings.filter((finding) => finding.attack === attack).map(({ surface }) => surface.name);

describe('Messaging V2: what the harness says of its history', () => {
  test('the base stage: signed-in users impersonate others in all three RPCs', () => {
    expect(foundBy('rpc-identity-argument', base)).toEqual(RPCS);
  });

  test('the caller check: signed-in impersonation is gone, a caller without a uid still passes in all three RPCs', () => {
    expect(foundBy('rpc-identity-argument', callerCheck)).toEqual([]);
    expect(foundBy('rpc-null-uid-guard', callerCheck)).toEqual(RPCS);
    const serious = callerCheck.findings.filter(({ severity }) => severity !== 'low');
    expect(serious.flatMap(({ personas }) => personas)).toEqual(RPCS.flatMap(() => ['no-sub', 'anon']));
  });

  test('the head: nothing is found, nothing is unknown, every RPC was called with success', () => {
    expect(head).toMatchObject({ findings: [], questions: [], unknown: [] });
    expect(head.summary.covered).toMatchObject({ routines: [3, 3], relations: [6, 6] });
  });
});

describe('Messaging V2: leak and impersonation properties', () => verdictTests(head));
