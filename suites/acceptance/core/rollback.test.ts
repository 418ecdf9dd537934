/** The way back: the catalog is as it was before the core, and the migrations apply again. */

import { describe, expect, it } from 'vitest';
import { readCatalog } from '../../../fixtures/introspect/catalog.ts';
import { migrate } from '../../../fixtures/migrate/migrate.ts';
import { findProject } from '../../../fixtures/migrate/project.ts';
import { rollback } from '../../../fixtures/migrate/rollback.ts';
import type { Catalog } from '../../../fixtures/model/catalog.ts';
import { project as messaging } from '../messaging/scene.ts';
import { create } from './acts.ts';
import { as, coreLab, openScene, project, rowsOf } from './scene.ts';

const lab = coreLab();

describe('the rollback of the core', () => {
  it('leaves the catalog of a platform that never had it, twice, and the migrations apply again each time', async () => {
    await using scene = await openScene(lab);
    const core = await findProject(project);
    await create(scene, as.ann);
    const bare = bareOf((await lab.template({ project: messaging })).catalog);
    for (const _ of [1, 2]) {
      await rollback(scene.owner, core, { to: null, access: lab.access });
      expect(comparable(await readCatalog(scene.owner))).toEqual(bare);
      const report = await migrate(scene.owner, core, { access: lab.access });
      expect(report).toMatchObject({ failed: [] });
      expect(report.applied).toHaveLength(5);
      expect(comparable(await readCatalog(scene.owner))).toEqual(comparable(scene.db.catalog));
    }
    expect(await create(scene, as.ann)).toMatchObject({ ok: true, code: 'scope_created' });
    expect(await rowsOf(scene, 'core_scopes')).toHaveLength(1);
  });

  it('a view that somebody built on the core stops it, and all stays', async () => {
    await using scene = await openScene(lab);
    await scene.owner.query('CREATE VIEW public.report AS SELECT scope_type FROM public.core_scopes');
    const before = comparable(await readCatalog(scene.owner));
    const core = await findProject(project);
    await expect(rollback(scene.owner, core, { to: null, access: lab.access })).rejects.toThrow();
    expect(comparable(await readCatalog(scene.owner))).toEqual(before);
  });
});

/** Without what differs from one creation to the next; roles belong to the whole server. */
function comparable({ roles: _, ...catalog }: Catalog): unknown {
  return JSON.parse(JSON.stringify(catalog, (key, value: unknown) => (key === 'oid' ? undefined : value)));
}

/** The platform alone, as a project that shares nothing with the core shows it. */
function bareOf(catalog: Catalog): unknown {
  const ours = new Set(catalog.relations.filter(({ platform }) => !platform).map(({ name }) => name));
  return comparable({
    ...catalog,
    relations: catalog.relations.filter(({ platform }) => platform),
    routines: catalog.routines.filter(({ platform }) => platform),
    triggers: catalog.triggers.filter(({ relation }) => !ours.has(relation)),
  });
}
