/** Lists files of others in buckets that the project made private. */

import { routinesIn } from '../../fixtures/engine/code.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { isPublished } from '../../fixtures/oracles/ownership.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { rowsShown } from '../../fixtures/oracles/reading.ts';
import { literal } from '../../fixtures/wire/escape.ts';

const SCANS = `
INSERT INTO storage.buckets (id, name, public) VALUES ('scans', 'scans', false);
CREATE POLICY "put" ON storage.objects FOR INSERT TO authenticated
  WITH CHECK (bucket_id = 'scans' AND (storage.foldername(name))[1] = auth.uid()::text);
CREATE POLICY "get" ON storage.objects FOR SELECT TO authenticated
  USING (bucket_id = 'scans' AND (storage.foldername(name))[1] = auth.uid()::text);`;

export const attack: Attack = {
  id: 'supabase-storage-private',
  group: 'platform',
  severity: 'high',
  title: 'reads files of others in a private bucket',
  explains:
    'A policy that asks for nothing but the bucket shows it to everybody. Whether that is meant, the project says itself: the bucket is not public, and other policies give each person a folder of their own; or it shows the files even to callers without an account.',
  plants: [
    {
      platform: 'supabase',
      base: SCANS,
      plant: `ALTER POLICY "get" ON storage.objects USING (bucket_id = 'scans');`,
      repair: `ALTER POLICY "get" ON storage.objects USING (bucket_id = 'scans' AND owner_id = auth.uid()::text);`,
    },
  ],
  *trials(scene) {
    const objects = scene.catalog.relations.find(({ name }) => name === 'storage.objects');
    if (!objects) return;
    const buckets = rowsOf(scene, 'storage.buckets').filter(
      ({ variant, values }) => variant === 'seed' && !values['public'],
    );
    for (const bucket of buckets.map(({ values }) => String(values['id']))) {
      const nobodys = scene.attackers.filter(({ circle, role, user }) => circle === null && (user || role === 'anon'));
      for (const persona of nobodys)
        if (persona.role === 'anon' || isPersonal(scene, objects, bucket)) yield trial(scene, objects, bucket, persona);
    }
  },
};

/** Whether some policy on the bucket's files asks who the caller is, itself or by a function. */
function isPersonal({ catalog }: Scene, { policies }: Relation, bucket: string): boolean {
  const texts = policies.map(({ using, withCheck }) => `${using ?? ''} ${withCheck ?? ''}`);
  return texts
    .filter((text) => text.includes(`'${bucket}'`))
    .some((text) => [text, ...routinesIn(catalog, text).map(({ body }) => body)].some((one) => CALLER.test(one)));
}

const CALLER = /auth\.uid\(\)|'sub'/;

/** Pictures for everybody in a bucket that was left private by its default: the policy's name says what was meant. */
function isShowcase({ policies }: Relation, bucket: string): boolean {
  const showing = policies.filter(
    ({ command, using }) => ['select', 'all'].includes(command) && using?.includes(`'${bucket}'`),
  );
  return PICTURES.test(bucket) && showing.some(({ name }) => /public|anyone|everyone|everybody/i.test(name));
}

const PICTURES = /avatar|image|photo|picture|logo|cover|banner|thumb|icon|poster|asset|gallery|public/i;

function trial(scene: Scene, objects: Relation, bucket: string, persona: Persona): Trial {
  return {
    surface: { kind: 'relation', name: objects.name, verb: 'select' },
    persona,
    shape: 'rolled back',
    probes: [{ persona, sql: `SELECT id, name FROM storage.objects WHERE bucket_id = ${literal(bucket)}` }],
    judge: ([observation]) =>
      observation ? judge(scene, objects, bucket, observation) : { state: 'unknown', reason: 'nothing was observed' },
  };
}

/** What no policy publishes as a whole is found by reading as anybody. */
function judge(scene: Scene, objects: Relation, bucket: string, observation: Observation): Verdict {
  const { persona } = observation.probe;
  const shown = rowsShown(scene, objects, observation).filter(({ row }) => isPublished(scene, persona, row));
  if (shown.length === 0) return { state: 'held' };
  const observed = `${persona.name} saw files of others in ${bucket}, which is not public: a policy asks for the bucket alone`;
  if (isShowcase(objects, bucket))
    return { state: 'question', observed: `${observed}, and calls that public: is it meant?`, columns: [] };
  return {
    state: 'broken',
    expected: `${persona.name} sees no file of others in the private bucket ${bucket}`,
    observed,
    columns: ['storage.objects.name'],
  };
}
