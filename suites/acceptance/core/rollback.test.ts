/** The way back: the database is as it was before the core, whatever it held and however far it came, and the migrations apply again. */

import { describe, expect, it } from 'vitest';
import { readCatalog } from '../../../fixtures/introspect/catalog.ts';
import { migrate } from '../../../fixtures/migrate/migrate.ts';
import { findProject } from '../../../fixtures/migrate/project.ts';
import { rollback } from '../../../fixtures/migrate/rollback.ts';
import type { Session } from '../../../fixtures/wire/session.ts';
import { comparable, factsOf } from '../../facts.ts';
import { fileLab } from '../../file-lab.ts';
import { projectOf } from '../../self/project-of.ts';
import { create } from './acts.ts';
import { as, openScene, project, rowsOf, stateOf } from './scene.ts';
import { stageOf } from './stage.ts';

const lab = fileLab();
const back = async (owner: Session) => rollback(owner, await findProject(project), { to: null, access: lab.access });
const forth = async (owner: Session) => migrate(owner, await findProject(project), { access: lab.access });
const whole = async (owner: Session) => ({
  catalog: comparable(await readCatalog(owner)),
  facts: await factsOf(owner),
});

/** The platform with a project that made nothing. */
async function bare() {
  await using db = await lab.clone({ project: await projectOf({ '1_nothing.sql': 'SELECT 1' }), platform: 'supabase' });
  return await whole(db.owner);
}

describe('the rollback of the core', () => {
  it('leaves a database that never had it, though every table held rows, and the migrations apply again each time', async () => {
    await using scene = await openScene(lab);
    await stageOf(scene);
    const held = Object.entries(await stateOf(scene)).filter(([, rows]) => rows.length === 0);
    expect(held.map(([table]) => table)).toEqual(['core.outcomes_archive']);
    const [without, applied] = [await bare(), await whole(scene.owner)];
    for (const _ of [1, 2]) {
      await back(scene.owner);
      expect(await whole(scene.owner)).toEqual(without);
      const report = await forth(scene.owner);
      expect(report).toMatchObject({ failed: [] });
      expect(report.applied).toHaveLength(5);
      expect(await whole(scene.owner)).toEqual(applied);
    }
    expect(await create(scene, as.ann)).toMatchObject({ ok: true, code: 'scope_created' });
    expect(await rowsOf(scene, 'core_scopes')).toHaveLength(1);
  });

  it('a second one finds nothing to do', async () => {
    await using scene = await openScene(lab);
    const without = await bare();
    for (const _ of [1, 2]) {
      await back(scene.owner);
      expect(await whole(scene.owner)).toEqual(without);
    }
  });

  it('takes back what was applied in part, after each migration, and the rest applies', async () => {
    const { migrations } = await findProject(project);
    await using head = await lab.clone({ project });
    const [without, applied] = [await bare(), await whole(head.owner)];
    for (const { version } of migrations.slice(0, -1)) {
      await using db = await lab.clone({ project, to: version });
      expect((await factsOf(db.owner)).length, version).toBeGreaterThan(without.facts.length);
      await back(db.owner);
      expect(await whole(db.owner), version).toEqual(without);
      expect((await forth(db.owner)).applied).toHaveLength(migrations.length);
      expect(await whole(db.owner), version).toEqual(applied);
    }
  });

  it.each([
    ['a view', 'CREATE VIEW public.report AS SELECT scope_type FROM public.core_scopes'],
    ['a reference', 'CREATE TABLE public.notes (scope_id uuid REFERENCES public.core_scopes (id))'],
    ['a table in its schema', 'CREATE TABLE core.mine (id int)'],
    ['a default', "CREATE TABLE public.notes (hash text DEFAULT core.hash_of('{}'))"],
  ])('%s that somebody built on the core stops it, and all stays', async (_, sql) => {
    await using scene = await openScene(lab);
    await scene.owner.query(sql);
    const before = await whole(scene.owner);
    await expect(back(scene.owner)).rejects.toThrow();
    expect(await whole(scene.owner)).toEqual(before);
  });
});
