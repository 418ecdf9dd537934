/** Puts a file into the folder of somebody else, where other policies tell by the folder whose a file is. */

import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { outcomeOf } from '../../fixtures/oracles/outcome.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { literal } from '../../fixtures/wire/escape.ts';

const LETTERS = `
INSERT INTO storage.buckets (id, name) VALUES ('letters', 'letters');
CREATE POLICY "fetch" ON storage.objects FOR SELECT TO authenticated
  USING (bucket_id = 'letters' AND (storage.foldername(name))[1] = auth.uid()::text);`;

export const attack: Attack = {
  id: 'supabase-storage-folder',
  group: 'platform',
  severity: 'medium',
  title: 'puts files into folders of others',
  explains:
    'Where a policy tells by the folder whose a file is, whoever may upload to any folder puts files before others as if they were theirs. A stranger uploads into the folder of somebody else.',
  plants: [
    {
      platform: 'supabase',
      base: LETTERS,
      plant: `CREATE POLICY "drop" ON storage.objects FOR INSERT TO authenticated WITH CHECK (bucket_id = 'letters');`,
      repair: `ALTER POLICY "drop" ON storage.objects
        WITH CHECK (bucket_id = 'letters' AND (storage.foldername(name))[1] = auth.uid()::text);`,
    },
  ],
  *trials(scene) {
    const objects = scene.catalog.relations.find(({ name }) => name === 'storage.objects');
    const stranger = scene.attackers.find(({ circle, user }) => circle === null && user !== null);
    if (!objects || !stranger) return;
    for (const bucket of rowsOf(scene, 'storage.buckets').map(({ key }) => String(key['id'])))
      if (tellsByFolder(objects, bucket)) yield trial(scene, objects, bucket, stranger);
  },
};

/** Whether a policy shows or changes files of the bucket by their folder. */
function tellsByFolder({ policies }: Relation, bucket: string): boolean {
  return policies.some(
    ({ permissive, command, using }) =>
      permissive &&
      command !== 'insert' &&
      using?.includes(`'${bucket}'`) &&
      /\b(foldername|split_part|starts_with)\(/.test(using),
  );
}

/** A folder is called like a person, or like a row; the stranger has neither. */
function trial({ world }: Scene, { name }: Relation, bucket: string, persona: Persona): Trial {
  const folders = [world.circles.b.lead, '1'];
  return {
    surface: { kind: 'relation', name, verb: 'insert' },
    persona,
    shape: 'rolled back',
    probes: folders.map((folder) => ({
      persona,
      sql: `INSERT INTO storage.objects (bucket_id, name) VALUES (${literal(bucket)}, ${literal(`${folder}/rowproof.txt`)})`,
    })),
    judge: (observations) => judge(bucket, observations),
  };
}

function judge(bucket: string, observations: readonly Observation[]): Verdict {
  const at = observations.findIndex((one) => outcomeOf(one) === 'done');
  if (at < 0) return { state: 'held' };
  return {
    state: 'broken',
    expected: `nobody puts files into folders of others in ${bucket}`,
    observed: `a stranger put a file into the folder of somebody else in ${bucket}`,
    columns: ['storage.objects.name'],
    at,
  };
}
