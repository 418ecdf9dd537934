/** The sceptic's law: every attack finds its planted holes, and is silent on each repaired twin. */

import { afterAll, describe, expect, inject, test } from 'vitest';
import { examine } from '../../fixtures/engine/examine.ts';
import { collect } from '../../fixtures/engine/findings.ts';
import { openLab } from '../../fixtures/lab/lab.ts';
import type { Attack, Plant } from '../../fixtures/model/attack.ts';
import type { Contract } from '../../fixtures/model/contract.ts';
import { loadAttacks } from '../load-attacks.ts';
import { projectOf } from './project-of.ts';
import { shows } from './shows.ts';

const NOTHING_APPROVED: Contract = { version: 1, flows: [], examples: [], waivers: [] };
const lab = openLab(inject('server'));
const attacks = await loadAttacks();

afterAll(() => lab[Symbol.asyncDispose]());

const outcome = async (attack: Attack, { platform }: Plant, files: Readonly<Record<string, string>>) => {
  const project = { project: await projectOf(files), platform, populated: { seed: inject('seed') } };
  const examination = await examine(lab, { project, attacks: [attack], contract: NOTHING_APPROVED });
  return { ...collect(examination, NOTHING_APPROVED, '2000-01-01'), examination, folder: project.project };
};

describe.each(attacks)('$id', (attack) => {
  test('has a plant', () => {
    expect(attack.plants).not.toHaveLength(0);
  });

  test.each(attack.plants.map((plant, at) => ({ plant, at })))(
    'finds planted hole $at, and is silent when it is repaired',
    async ({ plant }) => {
      const holed = { '1_base.sql': plant.base, '2_plant.sql': plant.plant };
      const found = await outcome(attack, plant, holed);
      expect(found.findings.map(({ attack: id }) => id)).toContain(attack.id);
      const [finding] = found.findings;
      const spec = { project: found.folder, platform: plant.platform };
      expect(finding && (await shows(lab, spec, finding)), finding?.witness).toBe(true);
      const repaired = await outcome(attack, plant, { ...holed, '3_repair.sql': plant.repair });
      expect(repaired).toMatchObject({ findings: [], unknown: [] });
    },
  );
});

const HTTP = attacks.filter(({ group }) => group === 'front door');

describe.each(HTTP)('$id, by requests alone', (attack) => {
  const requesting: Attack = {
    ...attack,
    trials: (scene) => [...attack.trials(scene)].filter(({ shape }) => shape === 'http'),
  };

  test.each(attack.plants.map((plant, at) => ({ plant, at })))(
    'finds planted hole $at at the door, and is silent when it is repaired',
    async ({ plant }) => {
      const holed = { '1_base.sql': plant.base, '2_plant.sql': plant.plant };
      const found = await outcome(requesting, plant, holed);
      const [finding] = found.findings;
      expect(finding).toMatchObject({ attack: attack.id, reachable: 'http', door: expect.any(String) });
      const spec = { project: found.folder, platform: plant.platform };
      expect(finding && (await shows(lab, spec, finding)), finding?.witness).toBe(true);
      const repaired = await outcome(requesting, plant, { ...holed, '3_repair.sql': plant.repair });
      expect(repaired).toMatchObject({ findings: [], unknown: [] });
    },
  );
});
