/** What the first version lets through: a harness is worth what it finds there, and the head shows none of it. */

import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { type Checked, check } from '../../../fixtures/engine/check.ts';
import { migrate } from '../../../fixtures/migrate/migrate.ts';
import { findProject } from '../../../fixtures/migrate/project.ts';
import { fileLab } from '../../file-lab.ts';
import { loadAttacks } from '../../load-attacks.ts';
import {
  as,
  associations,
  collectives,
  log,
  openScene,
  outcome,
  place,
  posts,
  project,
  type Stage,
  stages,
  users,
} from './scene.ts';
import { deleteOf, updateOf } from './statements.ts';
import { replay, stored } from './system.ts';

const lab = fileLab();
const pair = { post: posts.author, collective: collectives.open };

const UPDATING = 'policy public.post_collectives "sharers and admins update"';
const ASKING = 'function public.get_user_postable_collectives(uuid)';

/** Each mistake, with the key under which `check` must tell of it, and what it must say is the cause. */
const mistakes = {
  'an update policy without WITH CHECK gives an association away': [
    'write-give-away:update:public.post_collectives',
    UPDATING,
  ],
  'and moves it into a collective afar': ['write-foreign-parent:insert:public.post_collectives', UPDATING],
  'the performer is a column of the row, not the caller': [
    'audit-false-performer:update:public.post_collectives',
    'function public.log_post_collective_change()',
  ],
  'and one that a client fills in': [
    'write-forged-owner:insert:public.post_collective_audit_log',
    'policy public.post_collective_audit_log "anybody logs"',
  ],
  'GRANT ALL empties': ['write-truncate-grant:truncate:public', 'privileges on schema public: truncate'],
  'and hangs code below tables of others': [
    'trigger-grant-code-exec:trigger:public',
    'privileges on schema public: trigger',
  ],
  'a definer function without a path takes a temporary table': [
    'path-temp-shadow:call:public.get_user_postable_collectives(uuid)',
    ASKING,
  ],
  'and so does the one that a policy asks': [
    'path-temp-shadow:call:public.is_member_of_collective(uuid)',
    'function public.is_member_of_collective(uuid)',
  ],
  'a function believes whom its argument names': [
    'rpc-identity-argument:call:public.get_user_postable_collectives(uuid)',
    ASKING,
  ],
  'and tells who may post where': [
    'rpc-helper-oracle:call:public.can_user_post_to_collective(uuid,uuid)',
    'function public.can_user_post_to_collective(uuid,uuid)',
  ],
} as const;

/** Every attack on one stage; the contract lies beside the migrations of `folder`, or not. */
async function checked(stage: Stage, folder: string = project): Promise<Checked> {
  return await check(lab, {
    project: folder,
    to: stages[stage],
    attacks: await loadAttacks(),
    seed: inject('seed'),
    today: '2026-11-22',
  });
}

const keysOf = ({ findings }: Checked) => findings.map(({ key }) => key);

describe('the stages', () => {
  it('T-POST-34 of the first version every mistake is found, with what made it, and at the head nothing that fails', async () => {
    const { findings } = await checked('first');
    for (const [mistake, [key, cause]] of Object.entries(mistakes))
      expect(findings.find((one) => one.key === key)?.cause.key, mistake).toBe(cause);
    const head = await checked('head');
    expect(keysOf(head)).toEqual([]);
    expect(head.questions).toEqual([]);
  });

  it('T-POST-34 without its contract the head shows nothing of severity high or above', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rowproof-posts-'));
    try {
      await cp(join(project, 'migrations'), join(folder, 'migrations'), { recursive: true });
      const { findings, summary } = await checked('head', folder);
      expect(summary.covered).toMatchObject({ relations: [6, 6], policies: [23, 23], routines: [6, 6] });
      expect(findings.filter(({ severity }) => severity === 'high' || severity === 'critical')).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('T-POST-34 in the first version an admin’s change stands in the sharer’s name, at the head in their own', async () => {
    for (const [stage, performer] of [
      ['first', users.author],
      ['head', users.admin],
    ] as const) {
      await using scene = await openScene(lab, stage);
      await place(scene, pair);
      expect(await outcome(scene, as.admin, updateOf(pair, { display_order: 3 }))).toBe(1);
      expect(await outcome(scene, as.admin, deleteOf(pair))).toBe(1);
      const changes = (await log(scene)).slice(1).map(({ action, performed_by }) => [action, performed_by]);
      expect(changes).toEqual([
        ['updated', performer],
        ['deleted', performer],
      ]);
    }
  });

  it('T-POST-34 in the first version a sharer moves an association, at the head not', async () => {
    for (const [stage, result] of [
      ['first', 1],
      ['head', '42501'],
    ] as const) {
      await using scene = await openScene(lab, stage);
      await place(scene, pair);
      const moved = { post_id: posts.editor, collective_id: collectives.far };
      expect(await outcome(scene, as.author, updateOf(pair, moved))).toBe(result);
      const there = result === 1 ? moved : { post_id: pair.post, collective_id: pair.collective };
      expect(await associations(scene)).toMatchObject([there]);
    }
  });

  it('T-POST-34 on the way to the head the log begins anew: what the first version let anybody write is gone', async () => {
    await using scene = await openScene(lab, 'first');
    await place(scene, pair);
    await place(scene, { post: posts.editor, collective: collectives.strict }, { status: 'draft' });
    await scene.owner.script(`UPDATE public.post_collectives SET metadata = '{"token": "canary-7f3a"}'`);
    const report = await migrate(scene.owner, await findProject(project), { access: lab.access });
    expect(report).toMatchObject({ failed: [] });
    expect(await replay(scene)).toEqual(await stored(scene));
    const entries = await log(scene);
    expect(entries.map(({ action, performed_by }) => [action, performed_by]).toSorted()).toEqual([
      ['created', null],
      ['shared', null],
    ]);
    expect(JSON.stringify(entries)).not.toContain('canary-7f3a');
  });
});
