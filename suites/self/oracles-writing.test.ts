/** Oracles by table: rows changed, given away, forged, hung below foreign parents, and calls in somebody else's name. */

import { describe, expect, test } from 'vitest';
import type { RelationName, RoutineName } from '../../fixtures/model/ids.ts';
import { judgeActingAs } from '../../fixtures/oracles/acting-as.ts';
import { judgeForeignParents } from '../../fixtures/oracles/hanging.ts';
import { judgeStoppedDelete } from '../../fixtures/oracles/stopped.ts';
import { judgeForeignChanges, judgeForgery, judgeGift } from '../../fixtures/oracles/writing.ts';
import { A, B, changed, nobody, ownerA, ownerB, ROWS, sceneOf, seen, TEAM_A, TEAM_B } from './oracles-scene.ts';

const { noteA, noteB, postA, postB, label, teamA, teamB } = ROWS;
const UPDATE = { command: 'UPDATE', sql: 'UPDATE t SET c = 1' } as const;
const CALL = { command: 'SELECT', sql: 'SELECT * FROM f()' } as const;

describe('rows of somebody else', () => {
  const more = (note: typeof noteB) => changed('public.notes', note.values, { ...note.values, views: 1 });
  test.each([
    ['changed', changed('public.posts', postB.values, { ...postB.values, body: 'x' }), UPDATE, 'broken'],
    ['removed', changed('public.posts', postB.values, null), UPDATE, 'broken'],
    ['made new', changed('public.posts', null, { id: 9, author_id: B, body: 'x' }), UPDATE, 'held'],
    ['one’s own', changed('public.posts', postA.values, null), UPDATE, 'held'],
    ['shared, behind row security', changed('public.labels', label.values, null), UPDATE, 'question'],
    ['counted up by a statement', more(noteB), UPDATE, 'broken'],
    ['counted up by a routine', more(noteB), CALL, 'question'],
  ] as const)('%s', (_, change, how, state) => {
    const scene = sceneOf({ readable: [noteB] });
    expect(judgeForeignChanges(scene, seen(ownerA, { ...how, changes: [change] })).state).toBe(state);
  });

  test('counted up by a routine, unseen: broken, unless an own row pays for it', () => {
    const alone = seen(ownerA, { ...CALL, changes: [more(noteB)] });
    expect(judgeForeignChanges(sceneOf(), alone).state).toBe('broken');
    const exchange = seen(ownerA, { ...CALL, changes: [more(noteB), more(noteA)] });
    expect(judgeForeignChanges(sceneOf(), exchange).state).toBe('question');
  });

  test('shared without row security: broken', () => {
    const catalog = sceneOf().catalog;
    const relations = catalog.relations.map((one) => ({ ...one, rowSecurity: false }));
    const change = changed('public.labels', label.values, null);
    const observation = seen(ownerA, { ...UPDATE, changes: [change] });
    expect(judgeForeignChanges(sceneOf({ catalog: { ...catalog, relations } }), observation).state).toBe('broken');
  });

  test('whose key was changed are one change, not a removal', () => {
    const moved = [
      changed('public.posts', postB.values, null),
      changed('public.posts', null, { ...postB.values, id: 9 }),
    ];
    expect(judgeForeignChanges(sceneOf(), seen(ownerA, { ...UPDATE, changes: moved }))).toMatchObject({
      state: 'broken',
      columns: ['public.posts.id'],
    });
  });

  test.each([
    ['a foreign key that points there', '23503', 'members_team', ownerA, 'broken'],
    ['another constraint', '23503', 'elsewhere', ownerA, 'held'],
    ['row security', '42501', 'members_team', ownerA, 'held'],
    ['a foreign key, for the row’s own people', '23503', 'members_team', ownerB, 'held'],
  ] as const)('whose removal was stopped by %s', (_, error, constraint, persona, state) => {
    const scene = sceneOf();
    const teams = scene.catalog.relations.find(({ relname }) => relname === 'teams');
    if (!teams) throw new RangeError('the scene has teams');
    expect(judgeStoppedDelete(scene, teams, teamB, seen(persona, { error, constraint })).state).toBe(state);
  });
});

describe('a gift', () => {
  const gift = (to: string) => [changed('public.posts', postA.values, { ...postA.values, author_id: to })];
  test.each([
    ['to somebody else', ownerA, gift(B), 'broken'],
    ['that stays', ownerA, gift(A), 'held'],
    ['of what never was theirs', ownerB, gift(B), 'held'],
    ['by nobody', nobody, gift(B), 'held'],
  ] as const)('%s', (_, persona, changes, state) => {
    expect(judgeGift(sceneOf(), seen(persona, { ...UPDATE, changes })).state).toBe(state);
  });

  test('of what stays below a row of theirs is a question, for a tenant a hole', () => {
    const scene = sceneOf();
    const about = seen(ownerA, {
      ...UPDATE,
      changes: [changed('public.notes', noteA.values, { ...noteA.values, about: B })],
    });
    expect(judgeGift(scene, about).state).toBe('question');
    expect(judgeGift({ ...scene, world: { ...scene.world, tenantSetting: 'app.tenant' } }, about).state).toBe('broken');
  });

  test('that changes the key is one all the same', () => {
    const before = { team_id: TEAM_A, user_id: A };
    const changes = [
      changed('public.members', before, null),
      changed('public.members', null, { ...before, user_id: B }),
    ];
    expect(judgeGift(sceneOf(), seen(ownerA, { ...UPDATE, changes })).state).toBe('question');
  });
});

describe('a new row', () => {
  const judged = (relation: string, values: Parameters<typeof changed>[2], persona = ownerA) =>
    judgeForgery(sceneOf(), relation, seen(persona, { changes: [changed(relation, null, values)] })).state;

  test.each([
    ['in one’s own name', 'public.posts', { id: 9, author_id: A, body: 'x' }, 'held'],
    ['in the name of another', 'public.posts', { id: 9, author_id: B, body: 'x' }, 'broken'],
    ['in nobody’s name', 'public.posts', { id: 9, author_id: null, body: 'x' }, 'held'],
    ['that makes another a member of one’s own team', 'public.members', { team_id: TEAM_A, user_id: B }, 'held'],
    ['that makes another a member of a foreign team', 'public.members', { team_id: TEAM_B, user_id: B }, 'broken'],
    ['about another, below one’s own', 'public.notes', { id: 9, team_id: TEAM_A, about: B, body: 'x' }, 'question'],
    ['about another, elsewhere', 'public.notes', { id: 9, team_id: TEAM_B, about: B, body: 'x' }, 'broken'],
  ] as const)('%s', (_, relation, values, state) => {
    expect(judged(relation, values)).toBe(state);
  });

  test.each([
    ['in the name of another, stopped by a key alone', B, '23505', 'broken'],
    ['in one’s own name, stopped by a key alone', A, '23505', 'held'],
    ['in the name of another, stopped by a check', B, '23514', 'held'],
  ] as const)('%s', (_, author, error, state) => {
    const values = { id: 9, author_id: author, body: 'x' };
    expect(judgeForgery(sceneOf(), 'public.posts', seen(ownerA, { error }), values).state).toBe(state);
  });

  test('stopped by a key alone decides nothing where a trigger may have changed it before', () => {
    const { catalog } = sceneOf();
    const trigger = {
      name: 'stamp',
      relation: 'public.posts' as RelationName,
      routine: 'public.stamp()' as RoutineName,
      timing: 'before',
      events: ['insert'],
      level: 'row',
      enabled: 'O',
      definition: '',
    } as const;
    const scene = sceneOf({ catalog: { ...catalog, triggers: [trigger] } });
    const values = { id: 9, author_id: B, body: 'x' };
    expect(judgeForgery(scene, 'public.posts', seen(ownerA, { error: '23505' }), values).state).toBe('held');
  });

  test('that names anybody is forged by nobody', () => {
    expect(judged('public.posts', { id: 9, author_id: A, body: 'x' }, nobody)).toBe('broken');
  });
});

describe('a row below a foreign parent', () => {
  const made = { id: 9, team_id: TEAM_B, about: A, body: 'x', views: 0 };
  const hung = (aftermath: readonly (typeof made | typeof teamB.values)[], readable: readonly (typeof teamB)[] = []) =>
    judgeForeignParents(
      sceneOf({ readable }),
      seen(ownerA, {
        changes: [changed('public.notes', null, made)],
        aftermath,
        looker: ownerB,
      }),
    );

  test('is a hole where the parent’s people see it', () => {
    expect(hung([made]).state).toBe('broken');
    expect(hung([made])).not.toHaveProperty('severity');
  });
  test('weighs more where it shows the parent', () =>
    expect(hung([teamB.values])).toMatchObject({ state: 'broken', severity: 'high' }));
  test('weighs little where nobody gains', () => expect(hung([])).toMatchObject({ state: 'broken', severity: 'low' }));
  test('is fine where the parent may be read', () => expect(hung([made], [teamB]).state).toBe('held'));
  test('is fine where it hung before', () => {
    const changes = [changed('public.notes', made, { ...made, body: 'y' })];
    expect(judgeForeignParents(sceneOf(), seen(ownerA, { changes, aftermath: [made] })).state).toBe('held');
  });
  test('is fine where the parent is one’s own', () => {
    const changes = [changed('public.notes', null, { ...made, team_id: teamA.values.id ?? null })];
    expect(judgeForeignParents(sceneOf(), seen(ownerA, { changes, aftermath: [] })).state).toBe('held');
  });
});

describe('a call with an identity argument that names somebody else', () => {
  const surface = { kind: 'routine', name: 'public.f(uuid)', verb: 'call' } as const;
  const post = (author: string) => changed('public.posts', null, { id: 9, author_id: author, body: 'x' });
  const member = (user: string) => changed('public.members', null, { team_id: TEAM_B, user_id: user });
  test.each([
    ['that wrote in their name', seen(ownerA, { changes: [post(B)] }), 'broken'],
    ['that wrote in the caller’s', seen(ownerA, { changes: [post(A)] }), 'held'],
    ['that also names the caller', seen(ownerA, { changes: [post(B), member(A)] }), 'held'],
    ['that was refused', seen(ownerA, { error: '42501' }), 'held'],
    ['that showed their rows', seen(ownerA, { rows: [['cnry_post_wxxyyzz']] }), 'broken'],
    ['by nobody, that wrote', seen(nobody, { changes: [post(B)] }), 'broken'],
  ] as const)('%s', (_, observation, state) => {
    expect(judgeActingAs(sceneOf(), surface, observation).state).toBe(state);
  });
});
