/** Registry, SQL, requirements and tests say the same, and an edit of any one of them is noticed. */

import { describe, expect, it } from 'vitest';
import { disagreements, type Registry, readFacts, readPapers } from './registry.ts';
import { rowsOf, scenes } from './scene.ts';

const openScene = scenes();

describe('governance', () => {
  it('T-GOV-01 registry, SQL, docs and tests are in sync', async () => {
    await using scene = await openScene();
    const { registry, requirements, guards } = await readPapers();
    expect(disagreements(registry, await readFacts(scene, registry, requirements, guards))).toEqual([]);
    expect(registry.checksum.algorithm).toBe('sha256-jcs');
    expect(registry.guards).toHaveLength(13);
    expect(Object.keys(registry.tests)).toHaveLength(37);
    expect(await rowsOf(scene, 'core.settings')).toHaveLength(8);
  });

  it.each([
    ['a CHECK', 'ALTER TABLE public.core_members DROP CONSTRAINT core_members_role', 'enums: core_members_role='],
    ['a limit', "UPDATE core.settings SET value = 501 WHERE name = 'timeline_actor'", 'settings: timeline_actor='],
    [
      'a grant',
      'GRANT EXECUTE ON FUNCTION public.core_expire_invites_v1(text, integer) TO anon',
      'rpcs: core_expire_invites_v1 by anon',
    ],
    [
      'a comment',
      'COMMENT ON FUNCTION public.core_expire_invites_v1(text, integer) IS NULL',
      'core_expire_invites_v1 has no comment',
    ],
    [
      'a trigger',
      'DROP TRIGGER guard_watermarks ON public.core_projection_watermarks',
      'guards: core.guard_watermarks',
    ],
    ['a table', 'CREATE TABLE public.core_more (id int)', 'linddun: core_more says nothing of L'],
    ['a constant', constant('core.live_unread', '1000', '2000'), 'constant unread_shown_max'],
    [
      'a mark',
      constant('core.reason_refusal', '-- guard: reason-required', '-- a guard'),
      'conditions: reason-required',
    ],
    ['a code', constant('core.join_refusal', 'fanout_on_read_required', 'too_large'), 'reply codes: too_large'],
  ])('T-GOV-01 an edit of the SQL, here %s, is noticed', async (_, sql, said) => {
    await using scene = await openScene();
    await scene.owner.script(sql);
    const { registry, requirements, guards } = await readPapers();
    const found = disagreements(registry, await readFacts(scene, registry, requirements, guards));
    expect(
      found.find((sentence) => sentence.startsWith(said)),
      found.join('\n'),
    ).toBeDefined();
  });

  it('T-GOV-01 an edit of the registry or of the docs is noticed', async () => {
    await using scene = await openScene();
    const { registry, requirements, guards } = await readPapers();
    const found = async (changed: Registry, page = requirements, watched = guards) =>
      disagreements(changed, await readFacts(scene, changed, page, watched));
    const { S: _, ...letters } = registry.threats.stride['core_ack_v1'] ?? {};
    const gap = { ...registry.threats, stride: { ...registry.threats.stride, core_ack_v1: letters } };
    const renamed = { ...registry, controls: { ...registry.controls, 'NEW-01': 'New.' } };
    expect(await found({ ...registry, threats: gap })).toEqual([
      expect.stringMatching(/^checksum: /),
      expect.stringMatching(/^checksum: /),
      'stride: core_ack_v1 says nothing of S',
    ]);
    expect(await found(renamed)).toContain('no threat names control NEW-01');
    expect(await found({ ...registry, checksum: { algorithm: 'sha256-jcs', value: '0' } })).toHaveLength(2);
    expect(await found(registry, requirements.replace('- T-DM-01 ', '- '))).toEqual([
      'requirements: T-DM-01 is in the registry alone',
    ]);
    expect(await found(registry, requirements, guards.replace('guard dm-self', 'guard replay'))).toEqual([
      expect.stringMatching(/^T-DM-SELF-01 watches /),
    ]);
  });
});

/** Rewrites one function with one word exchanged. */
function constant(name: string, was: string, is: string): string {
  return `DO $do$ BEGIN EXECUTE replace(pg_get_functiondef('${name}'::regproc), '${was}', '${is}'); END $do$`;
}
