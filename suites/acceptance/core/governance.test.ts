/** Registry, SQL, requirements and tests say the same, and an edit of any one of them is noticed and named. */

import fc from 'fast-check';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { checksumOf, disagreements } from './agreement.ts';
import { ofGuards, ofRegistry, ofRequirements, ofTests } from './edits.ts';
import { bySql } from './edits-of-sql.ts';
import { type Facts, type Papers, type Registry, readFacts, readPapers, saidBy } from './registry.ts';
import { rowsOf, type Scene, scenes } from './scene.ts';

const openScene = scenes();
let scene: Scene;
let papers: Papers;
let facts: Facts;
beforeAll(async () => {
  scene = await openScene();
  papers = await readPapers();
  facts = await readFacts(scene, papers);
});

/** What disagrees once `changed` stands in place of the papers. */
function found(changed: Partial<Papers>): readonly string[] {
  const edited = { ...papers, ...changed };
  return disagreements(edited, { ...facts, ...saidBy(edited) });
}

describe('governance', () => {
  it('T-GOV-01 registry, SQL, docs and tests are in sync', async () => {
    expect(disagreements(papers, facts)).toEqual([]);
    const { checksum, ...signed } = papers.registry;
    expect(checksum.algorithm).toBe('sha256-jcs');
    const { rows } = await scene.owner.query('SELECT core.hash_of($1::jsonb) AS hash', [JSON.stringify(signed)]);
    expect(rows, 'SQL comes to the same checksum as the library').toEqual([{ hash: checksum.value }]);
    expect(papers.registry.guards).toHaveLength(13);
    expect(Object.keys(papers.registry.tests)).toHaveLength(37);
    expect(await rowsOf(scene, 'core.settings')).toHaveLength(8);
  });

  it.each(bySql)('T-GOV-01 an edit of the SQL is named: $what', async ({ sql, says }) => {
    await scene.owner.script('BEGIN');
    await scene.owner.script(sql);
    const edited = await readFacts(scene, papers);
    await scene.owner.script('ROLLBACK');
    expect(disagreements(papers, edited)).toContainEqual(expect.stringMatching(says));
  });

  it('T-GOV-01 an edit of any value of the registry breaks its checksum', () => {
    const { checksum: _, ...signed } = papers.registry;
    const leaves = leavesOf(signed);
    const edit = fc.record({ at: fc.nat({ max: leaves.length - 1 }), value: fc.string() });
    fc.assert(
      fc.property(edit, ({ at, value }) => {
        const changed = structuredClone(papers.registry);
        put(changed, leaves[at] ?? [], `edited ${value}`);
        expect(disagreements({ ...papers, registry: changed }, facts)).toContain(
          `checksum: ${papers.registry.checksum.value} is in the registry alone`,
        );
      }),
      { seed: inject('seed'), numRuns: 40 },
    );
  });

  it.each(ofRegistry)(
    'T-GOV-01 an edit of the registry is named, though its checksum is right: $what',
    ({ edit, says }) => {
      const changed = { ...papers.registry, ...edit(papers.registry) };
      const checksum = { ...changed.checksum, value: checksumOf(changed) };
      const said = disagreements({ ...papers, registry: { ...changed, checksum } }, facts);
      expect(said).toContainEqual(expect.stringMatching(says));
      expect(said).not.toContainEqual(expect.stringMatching(/^checksum/));
    },
  );

  it.each(ofRequirements)('T-GOV-01 an edit of the requirements is named: $what', ({ edit, says }) => {
    expect(found({ requirements: edit(papers.requirements) })).toContainEqual(expect.stringMatching(says));
  });

  it.each(ofGuards)('T-GOV-01 an edit of the guards is named: $what', ({ edit, says }) => {
    expect(found({ guards: edit(papers.guards) })).toContainEqual(expect.stringMatching(says));
  });

  it.each(ofTests)('T-GOV-01 an edit of the tests is named: $what', ({ edit, says }) => {
    expect(found({ tests: papers.tests.map(edit) })).toContainEqual(expect.stringMatching(says));
  });
});

type Path = readonly string[];

/** Ways to all values that are no objects. */
function leavesOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, each]) => leavesOf(each, [...path, name]));
}

function put(registry: Registry, path: Path, value: string): void {
  let at: Record<string, unknown> = registry as unknown as Record<string, unknown>;
  for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>;
  at[path.at(-1) ?? ''] = value;
}
