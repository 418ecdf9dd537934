/** Runs a finding's witness as written on a migrated, empty database of its own. */

import { replayWitness } from '../../fixtures/engine/replay.ts';
import { openDoorOf } from '../../fixtures/engine/scene-door.ts';
import type { Lab } from '../../fixtures/lab/lab.ts';
import type { TemplateSpec } from '../../fixtures/lab/template.ts';
import type { Finding } from '../../fixtures/model/verdict.ts';

/** @returns whether it shows what the finding says. */
export async function shows(lab: Lab, spec: TemplateSpec, finding: Finding): Promise<boolean> {
  await using database = await lab.clone(spec);
  const { shown } = await replayWitness(finding, {
    connect: () => database.connectAsOwner(),
    open: () => openDoorOf(lab.access, database),
  });
  return shown;
}

/** @returns the keys of those whose witness does not show it. */
export async function unshown(lab: Lab, spec: TemplateSpec, findings: readonly Finding[]): Promise<readonly string[]> {
  const keys: string[] = [];
  for (const finding of findings) if (!(await shows(lab, spec, finding))) keys.push(finding.key);
  return keys;
}
