/** The way back: sharing goes, people, collectives and posts stay, and the migrations apply again. */

import { describe, expect, it } from 'vitest';
import { readCatalog } from '../../../fixtures/introspect/catalog.ts';
import { migrate } from '../../../fixtures/migrate/migrate.ts';
import { findProject } from '../../../fixtures/migrate/project.ts';
import { rollback } from '../../../fixtures/migrate/rollback.ts';
import type { Catalog } from '../../../fixtures/model/catalog.ts';
import { fileLab } from '../../file-lab.ts';
import { as, collectives, openScene, posts, project, type Scene, type Stage, share, stages, table } from './scene.ts';

const lab = fileLab();

async function ground(scene: Scene) {
  const rows = [];
  for (const name of ['users', 'collectives', 'collective_members', 'posts']) rows.push(await table(scene, name));
  return rows;
}

describe('the rollback', () => {
  it.each(['first', 'head'] as const satisfies readonly Stage[])(
    'T-POST-33 from stage %s it leaves what was there before, rows and catalog',
    async (stage) => {
      await using scene = await openScene(lab, stage);
      if (stage === 'head') await share(scene, as.author, posts.author, [collectives.open]);
      const before = await ground(scene);
      await rollback(scene.owner, await findProject(project), { to: stages.ground, access: lab.access });
      expect(await ground(scene)).toEqual(before);
      const template = await lab.template({ project, to: stages.ground });
      expect(comparable(await readCatalog(scene.owner))).toEqual(comparable(template.catalog));
    },
  );

  it('T-POST-33 twice finds nothing to do', async () => {
    await using scene = await openScene(lab, 'ground');
    const before = await ground(scene);
    await rollback(scene.owner, await findProject(project), { to: stages.ground, access: lab.access });
    expect(await ground(scene)).toEqual(before);
    expect(comparable(await readCatalog(scene.owner))).toEqual(comparable(scene.db.catalog));
  });

  it('T-POST-33 afterwards the migrations apply again, to the same catalog, and sharing works', async () => {
    await using scene = await openScene(lab);
    const sharing = await findProject(project);
    await rollback(scene.owner, sharing, { to: stages.ground, access: lab.access });
    const report = await migrate(scene.owner, sharing, { access: lab.access });
    expect(report).toMatchObject({ failed: [] });
    expect(report.applied).toHaveLength(8);
    expect(comparable(await readCatalog(scene.owner))).toEqual(comparable(scene.db.catalog));
    expect(await share(scene, as.author, posts.author, [collectives.open])).toMatchObject({ ok: true, created: 1 });
    expect(await table(scene, 'post_collectives')).toHaveLength(1);
  });

  it('T-POST-33 a view that somebody built on the log stops it, and all stays', async () => {
    await using scene = await openScene(lab);
    await scene.owner.query('CREATE VIEW public.report AS SELECT action FROM public.post_collective_audit_log');
    const before = comparable(await readCatalog(scene.owner));
    const sharing = await findProject(project);
    await expect(rollback(scene.owner, sharing, { to: stages.ground, access: lab.access })).rejects.toThrow();
    expect(comparable(await readCatalog(scene.owner))).toEqual(before);
  });
});

/** Without what differs from one creation to the next; roles belong to the whole server. */
function comparable({ roles: _, ...catalog }: Catalog): unknown {
  return JSON.parse(JSON.stringify(catalog, (key, value: unknown) => (key === 'oid' ? undefined : value)));
}
