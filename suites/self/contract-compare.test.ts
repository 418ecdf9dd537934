/** How people stand to rows, and what the comparison of flows says: pure, on hand-made scenes and flows. */

import { describe, expect, test } from 'vitest';
import { changeKey, compareFlows } from '../../fixtures/contract/compare.ts';
import type { Catalog, Policy, Relation } from '../../fixtures/model/catalog.ts';
import type { Contract } from '../../fixtures/model/contract.ts';
import type { Flow, ObservedStanding, ObservedSurface } from '../../fixtures/model/flow.ts';
import { type Standing, standingIn } from '../../fixtures/oracles/standing.ts';
import { A, B, ROWS, sceneOf, TEAM_A } from './oracles-scene.ts';

describe('How somebody stands to a row', () => {
  const asking = { using: 'EXISTS (SELECT 1 FROM members)', withCheck: null } as Policy;
  const standing = (asked: boolean): Standing => {
    const scene = sceneOf();
    const relations = scene.catalog.relations.map((one): Relation => ({ ...one, policies: asked ? [asking] : [] }));
    return standingIn({ ...scene, catalog: { ...scene.catalog, relations } });
  };

  test.for([
    ['named in it', ROWS.noteA, A, ['about']],
    ['a member of it', ROWS.teamA, A, ['members']],
    ['a stranger', ROWS.noteA, B, []],
    ['the one a membership names', ROWS.memberA, A, ['user_id']],
  ] as const)('%s', ([, { relation, values }, user, paths]) => {
    expect(standing(true)(relation, values, user)).toEqual(paths);
  });

  test('through the row above it, where it names nobody', () => {
    const values = { ...ROWS.noteA.values, team_id: TEAM_A, about: null };
    expect(standing(true)('public.notes', values, A)).toEqual(['team_id.members']);
  });

  test('not by a table that no policy asks', () => {
    expect(standing(false)(ROWS.teamA.relation, ROWS.teamA.values, A)).toEqual([]);
  });

  test('by the address in the token, and by a folder of one’s own', () => {
    expect(standing(true)('public.labels', { id: 9, name: `${A}@example.test` }, A)).toEqual(['name']);
    expect(standing(true)('public.labels', { id: 9, name: `avatars/${A}/1.png` }, A)).toEqual(['name']);
  });
});

describe('Comparing flows', () => {
  const catalog = {
    relations: [{ name: 'a.t', columns: [{ name: 'x' }, { name: 'y' }, { name: 'z' }] }],
  } as unknown as Catalog;
  const flow = (relation: string, verb: Flow['verb'], columns: Flow['columns'] = null): Flow => ({
    surface: 'a.t',
    relation,
    verb,
    columns,
  });
  const standing = (relation: string, bases: readonly string[], ...flows: readonly Flow[]): ObservedStanding => ({
    relation,
    bases,
    flows: flows.map((one) => ({ ...one, question: false })) as unknown as ObservedStanding['flows'],
    tried: new Map(),
  });
  const surface = (...standings: readonly ObservedStanding[]): ObservedSurface => ({
    kind: 'relation',
    surface: 'a.t',
    standings,
    note: null,
  });
  const compared = (approved: readonly Flow[], ...standings: readonly ObservedStanding[]) => {
    const contract: Contract = { version: 1, flows: approved, surfaces: ['a.t'], examples: [], waivers: [] };
    return compareFlows(contract, [surface(...standings)], catalog).map((change) => [
      changeKey(change),
      ...change.lines,
    ]);
  };

  test('a column more, and a column less', () => {
    const approved = [flow('owner', 'update', ['x', 'y'])];
    expect(compared(approved, standing('owner', [], flow('owner', 'update', ['y', 'z'])))).toEqual([
      ['contract-opened:update:a.t:owner', '+ a.t  owner: update (z)'],
      expect.arrayContaining(['contract-unexercised:update:a.t:owner']),
    ]);
  });

  test('every column, where some were approved, opens the others', () => {
    expect(compared([flow('owner', 'update', ['x'])], standing('owner', [], flow('owner', 'update')))).toEqual([
      ['contract-opened:update:a.t:owner', '+ a.t  owner: update (y, z)'],
    ]);
  });

  test('what strangers may do goes without saying for everybody else', () => {
    const approved = [flow('stranger', 'select')];
    const all = [
      standing('stranger', [], flow('stranger', 'select')),
      standing('owner', ['stranger'], flow('owner', 'select')),
    ];
    expect(compared(approved, ...all)).toEqual([]);
    expect(compared([], ...all)).toEqual([['contract-opened:select:a.t:stranger', '+ a.t  stranger: select']]);
  });

  test('what closed for strangers and not for others is said once, of strangers', () => {
    const left = [standing('stranger', []), standing('owner', ['stranger'], flow('owner', 'select'))];
    expect(compared([flow('stranger', 'select')], ...left).map(([key]) => key)).toEqual([
      'contract-unexercised:select:a.t:stranger',
    ]);
  });

  test('what is open in every state is open in the approved one; the other states are what opened', () => {
    const approved = [flow('stranger[status=public]', 'select')];
    expect(compared(approved, standing('stranger', [], flow('stranger', 'select')))).toEqual([
      ['contract-opened:select:a.t:stranger', '+ a.t  stranger: select'],
    ]);
  });
});
