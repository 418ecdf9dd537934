/** What the API does not serve is reached by nobody through it. */

import { expect, test } from 'vitest';
import { reachOf } from '../../fixtures/engine/reach.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { SurfaceKind } from '../../fixtures/model/verdict.ts';
import { sceneOf } from './oracles-scene.ts';

const attack: Attack = {
  id: 'x',
  title: 'x',
  severity: 'high',
  explains: '',
  group: 'table read',
  plants: [],
  trials: () => [],
};

test.each<[SurfaceKind, string, readonly string[] | null, string]>([
  ['relation', 'public.docs', ['public'], 'untested'],
  ['relation', 'internal.docs', ['public'], 'database_only'],
  ['routine', '"In".f(uuid, "b.c")', ['public'], 'database_only'],
  ['routine', 'api.f(uuid)', ['public', 'api'], 'untested'],
  ['relation', 'storage.objects', ['public'], 'untested'],
  ['setting', 'app.tenant', ['public'], 'untested'],
  ['relation', 'internal.docs', null, 'untested'],
])('%s %s, where the API serves %j, is %s', (kind, name, exposedSchemas, reach) => {
  expect(reachOf({ ...sceneOf(), exposedSchemas }, attack, { kind, name, verb: 'select' })).toBe(reach);
});
