/** The way back: sharing goes, people, collectives and posts stay, and the migrations apply again. */

import { describe, expect, it } from 'vitest';
import { readCatalog } from '../../../fixtures/introspect/catalog.ts';
import { migrate } from '../../../fixtures/migrate/migrate.ts';
import { findProject } from '../../../fixtures/migrate/project.ts';
import { rollback } from '../../../fixtures/migrate/rollback.ts';
import type { Session } from '../../../fixtures/wire/session.ts';
import { comparable, factsOf } from '../../facts.ts';
import { fileLab } from '../../file-lab.ts';
import { as, collectives, openScene, posts, project, type Scene, type Stage, share, stages, table } from './scene.ts';

const lab = fileLab();

/** Objects, owners, rights, comments, settings and default privileges, in the catalog's words and in the server's own. */
const whole = async (owner: Session) => ({
  catalog: comparable(await readCatalog(owner)),
  facts: await factsOf(owner),
});

async function wholeAt(stage: Stage) {
  await using db = await lab.clone({ project, to: stages[stage] });
  return await whole(db.owner);
}

async function ground(scene: Scene) {
  const rows = [];
  for (const name of ['users', 'collectives', 'collective_members', 'posts']) rows.push(await table(scene, name));
  return rows;
}

describe('the rollback', () => {
  it('T-POST-33 it leaves what was there before, rows and all that the database is, though there are associations and entries', async () => {
    await using scene = await openScene(lab);
    await share(scene, as.author, posts.author, [collectives.open, collectives.strict]);
    await share(scene, as.author, posts.author, [collectives.far]);
    const before = await ground(scene);
    await rollback(scene.owner, await findProject(project), { to: stages.ground, access: lab.access });
    expect(await ground(scene)).toEqual(before);
    expect(await whole(scene.owner)).toEqual(await wholeAt('ground'));
  });

  it('T-POST-33 from each stage on the way it leaves the same, and the migrations apply again', async () => {
    const sharing = await findProject(project);
    const facts = async (stage: Stage) => (await wholeAt(stage)).facts;
    const [without, applied] = [await facts('ground'), await facts('head')];
    for (const { version } of sharing.migrations.slice(1, -1)) {
      await using db = await lab.clone({ project, to: version });
      expect((await factsOf(db.owner)).length, version).toBeGreaterThan(without.length);
      await rollback(db.owner, sharing, { to: stages.ground, access: lab.access });
      expect(await factsOf(db.owner), version).toEqual(without);
      expect((await migrate(db.owner, sharing, { access: lab.access })).failed, version).toEqual([]);
      expect(await factsOf(db.owner), version).toEqual(applied);
    }
  });

  it('T-POST-33 twice finds nothing to do', async () => {
    await using scene = await openScene(lab, 'ground');
    const before = await ground(scene);
    await rollback(scene.owner, await findProject(project), { to: stages.ground, access: lab.access });
    expect(await ground(scene)).toEqual(before);
    expect(await whole(scene.owner)).toEqual(await wholeAt('ground'));
  });

  it('T-POST-33 afterwards the migrations apply again, to the same catalog, and sharing works', async () => {
    await using scene = await openScene(lab);
    const before = await whole(scene.owner);
    const sharing = await findProject(project);
    await rollback(scene.owner, sharing, { to: stages.ground, access: lab.access });
    const report = await migrate(scene.owner, sharing, { access: lab.access });
    expect(report).toMatchObject({ failed: [] });
    expect(report.applied).toHaveLength(8);
    expect(await whole(scene.owner)).toEqual(before);
    expect(await share(scene, as.author, posts.author, [collectives.open])).toMatchObject({ ok: true, created: 1 });
    expect(await table(scene, 'post_collectives')).toHaveLength(1);
  });

  it('T-POST-33 a view that somebody built on the log stops it, and all stays', async () => {
    await using scene = await openScene(lab);
    await scene.owner.query('CREATE VIEW public.report AS SELECT action FROM public.post_collective_audit_log');
    const before = await whole(scene.owner);
    const sharing = await findProject(project);
    await expect(rollback(scene.owner, sharing, { to: stages.ground, access: lab.access })).rejects.toThrow();
    expect(await whole(scene.owner)).toEqual(before);
  });
});
