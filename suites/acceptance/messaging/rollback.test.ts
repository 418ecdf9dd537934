/** The way back: V2 goes, everything else stays, and the migrations apply again. */

import { describe, expect, it } from 'vitest';
import { readCatalog } from '../../../fixtures/introspect/catalog.ts';
import { migrate } from '../../../fixtures/migrate/migrate.ts';
import { findProject } from '../../../fixtures/migrate/project.ts';
import { rollback } from '../../../fixtures/migrate/rollback.ts';
import type { Catalog } from '../../../fixtures/model/catalog.ts';
import { fileLab } from '../../file-lab.ts';
import { as, create, openScene, project, requests, type Stage, send, stages, stateOf, users } from './scene.ts';

const lab = fileLab();
const v1 = ['help_requests', 'conversations', 'conversation_participants', 'messages'];
const v2 = ['base', 'callerCheck', 'head'] as const satisfies readonly Stage[];

describe('the rollback', () => {
  it.each(v2)("T-MSG-26 from stage %s it leaves V1's rows and the catalog of the baseline", async (stage) => {
    await using scene = await openScene(lab, stage);
    const before = await stateOf(scene, ...v1);
    expect(before.conversations).toHaveLength(16);
    await rollback(scene.owner, await findProject(project), { to: stages.baseline, access: lab.access });
    expect(await stateOf(scene, ...v1)).toEqual(before);
    const baseline = await lab.template({ project, to: stages.baseline });
    expect(comparable(await readCatalog(scene.owner))).toEqual(comparable(baseline.catalog));
  });

  it('T-MSG-26 a second rollback finds nothing to do', async () => {
    await using scene = await openScene(lab, 'baseline');
    const before = await stateOf(scene);
    await rollback(scene.owner, await findProject(project), { to: stages.baseline, access: lab.access });
    expect(await stateOf(scene)).toEqual(before);
    expect(comparable(await readCatalog(scene.owner))).toEqual(comparable(scene.db.catalog));
  });

  it('T-MSG-27 afterwards the migrations apply again, to the same catalog, and V2 works', async () => {
    await using scene = await openScene(lab);
    const messaging = await findProject(project);
    await rollback(scene.owner, messaging, { to: stages.baseline, access: lab.access });
    const report = await migrate(scene.owner, messaging, { access: lab.access });
    expect(report).toMatchObject({ applied: [stages.base, stages.callerCheck, stages.head], failed: [] });
    expect(comparable(await readCatalog(scene.owner))).toEqual(comparable(scene.db.catalog));
    const reply = await create(scene, as.helper, requests.open, users.helper, 'A proper first message');
    expect(reply).toMatchObject({ success: true, message: 'Conversation created successfully' });
    const { conversations_v2: [made] = [] } = await stateOf(scene, 'conversations_v2');
    expect(await send(scene, as.requester, String(made?.id), users.requester, 'hello')).toMatchObject({
      success: true,
    });
    expect((await stateOf(scene)).messages_v2).toHaveLength(1);
  });
});

/** Without what differs from one creation to the next; roles belong to the whole server. */
function comparable({ roles: _, ...catalog }: Catalog): unknown {
  return JSON.parse(JSON.stringify(catalog, (key, value: unknown) => (key === 'oid' ? undefined : value)));
}
