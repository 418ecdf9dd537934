/** Puts a file into a folder whose name begins like the caller's own, and looks whether the caller gets it. */

import { claiming, signedIn } from '../../fixtures/act/personas.ts';
import { claimsNamed } from '../../fixtures/engine/claims-named.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import { withClaim } from '../../fixtures/model/claims.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { literal } from '../../fixtures/wire/escape.ts';

const BUCKET = "INSERT INTO storage.buckets (id, name) VALUES ('plans', 'plans');";
const FOLDER = "auth.jwt() -> 'app_metadata' ->> 'crew'";

export const attack: Attack = {
  id: 'supabase-storage-prefix',
  group: 'platform',
  severity: 'high',
  title: 'reads files of a folder whose name begins like their own',
  explains:
    'A policy that compares the beginning of a file’s name with a claim lets crew1 into crew10. A caller whose claim is crew1 looks for a file of each folder, and changes and removes it.',
  plants: [
    {
      platform: 'supabase',
      base: `${BUCKET} CREATE POLICY p ON storage.objects FOR SELECT TO authenticated USING (bucket_id = 'plans' AND false);`,
      plant: `ALTER POLICY p ON storage.objects USING (bucket_id = 'plans' AND starts_with(name, ${FOLDER}));`,
      repair: `ALTER POLICY p ON storage.objects USING (bucket_id = 'plans' AND (storage.foldername(name))[1] = ${FOLDER});`,
    },
  ],
  *trials(scene) {
    const objects = scene.catalog.relations.find(({ name }) => name === 'storage.objects');
    if (!objects) return;
    for (const claim of claimsNamed(objects.policies)) yield trial(scene, objects, claim);
  },
};

const [OWN, OTHER] = ['crew1', 'crew10'];

function trial(scene: Scene, { name }: Relation, claim: string): Trial {
  const persona = holderOf(scene, claim);
  const known = rowsOf(scene, 'storage.buckets').map(({ key }) => String(key['id']));
  const buckets = [...known, ...(known.includes('rowproof') ? [] : ['rowproof'])];
  const files = buckets.flatMap((bucket) =>
    [OWN, OTHER].map((folder) => `(${literal(bucket)}, ${literal(`${folder}/rowproof.txt`)})`),
  );
  const given = [
    "INSERT INTO storage.buckets (id, name) VALUES ('rowproof', 'rowproof') ON CONFLICT DO NOTHING",
    `INSERT INTO storage.objects (bucket_id, name) VALUES ${files.join(', ')}`,
  ];
  const found = (folder: string) => `name = ${literal(`${folder}/rowproof.txt`)}`;
  return {
    surface: { kind: 'relation', name, verb: 'select' },
    persona,
    shape: 'watched',
    probes: [
      { persona, given, sql: `SELECT name FROM storage.objects WHERE ${found(OWN)}` },
      { persona, given, sql: `SELECT name FROM storage.objects WHERE ${found(OTHER)}` },
      { persona, given, sql: `DELETE FROM storage.objects WHERE ${found(OTHER)} RETURNING name` },
    ],
    judge: (observations) => judge(claim, observations),
  };
}

function holderOf({ world }: Scene, claim: string): Persona {
  return claiming(signedIn(world.stranger, 'stranger'), (token) => withClaim(token, claim, OWN ?? ''));
}

/** A policy that shows every folder, or none, has nothing to do with how names begin. */
function judge(claim: string, [own, other, removed]: readonly Observation[]): Verdict {
  const opens = (observation: Observation | undefined) => observation?.error === null && observation.rows.length > 0;
  if (!opens(own)) return { state: 'held' };
  const at = opens(other) ? 1 : opens(removed) ? 2 : null;
  if (at === null) return { state: 'held' };
  return {
    state: 'broken',
    expected: `whoever holds ${claim} = ${OWN} gets the files of ${OWN}/ alone`,
    observed: `whoever holds ${claim} = ${OWN} got a file of ${OTHER}/`,
    columns: ['storage.objects.name'],
    at,
  };
}
