/** Which columns of which tables say who did it: a log that names somebody else, and whatever only looks like one. */

import { describe, expect, test } from 'vitest';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { RelationName } from '../../fixtures/model/ids.ts';
import type { Json } from '../../fixtures/model/world.ts';
import { isLog, judgeEntries, namesActor } from '../../fixtures/oracles/logging.ts';
import { A, B, changed, ownerA, sceneOf, seen } from './oracles-scene.ts';

type Values = { readonly [column: string]: Json };

const plain = sceneOf();

/** A table of the names alone. */
function table(relname: string, names: readonly string[]): Relation {
  const [like] = plain.catalog.relations as readonly [Relation, ...Relation[]];
  const [column] = like.columns as readonly [Relation['columns'][number], ...Relation['columns']];
  return {
    ...like,
    name: `public.${relname}` as RelationName,
    relname,
    columns: names.map((name) => ({ ...column, name })),
    constraints: [],
  };
}

const note = { id: 2, team_id: 'x', about: B, body: 'text', views: 0 };

/** What owner-a's change of a note comes to, where it left the entry. */
function verdictOn(relname: string, entry: Values, sealed = true) {
  const log = table(relname, Object.keys(entry));
  const scene = sceneOf({ catalog: { ...plain.catalog, relations: [...plain.catalog.relations, log] } });
  const changes = [changed('public.notes', note, { ...note, body: 'other' }), changed(log.name, null, entry)];
  return judgeEntries(scene, 'public.notes', seen(ownerA, { changes }), () => sealed);
}

describe('an entry', () => {
  test.each([
    ['by its name', 'note_log', { note_id: 2, performed_by: B }],
    ['by a record of each side', 'note_trace', { old_body: 'text', new_body: 'other', actor_id: B }],
    ['of an action on a thing', 'things_done', { action: 'update', record_id: 2, changed_by_user_id: B }],
    ['with whom it is about beside', 'note_audit', { target_user: B, owner_id: A, action: 'update', performed_by: B }],
    ['with user_id alone', 'activity_log', { user_id: B, action: 'update', entity_id: 2 }],
    [
      'with created_by alone',
      'note_audit',
      { created_by: B, operation: 'update', old_body: 'text', new_body: 'other', note_id: 2 },
    ],
  ])('that names somebody else as the one who did it is told: %s', (_, relname, entry) => {
    expect(verdictOn(relname, entry)).toMatchObject({ state: 'broken' });
  });

  test('that names nobody is told as low where nothing else names the caller', () => {
    expect(verdictOn('note_log', { note_id: 2, performed_by: null })).toMatchObject({
      state: 'broken',
      severity: 'low',
    });
    expect(verdictOn('note_log', { note_id: 2, performed_by: null, user_id: A }).state).toBe('held');
  });

  test.each([
    ['names the caller', 'note_log', { note_id: 2, performed_by: A }],
    ['names the caller besides', 'note_log', { note_id: 2, performed_by: A, changed_by: B }],
    ['says whom it is about', 'note_log', { note_id: 2, action: 'update', target_user: B, owner_id: B, member_id: B }],
    ['tells somebody', 'notifications', { user_id: B, actor_id: B, action: 'update', entity_id: 2 }],
    [
      'tells somebody, by its columns',
      'activity',
      { user_id: B, actor_id: B, action: 'update', entity_id: 2, is_read: false },
    ],
    ['counts for somebody', 'points_log', { user_id: B, delta: 2, reason: 'update' }],
    ['is a copy of the row', 'notes_history', { about: B, team_id: 'x', body: 'text', views: 0, user_id: B }],
    ['is no log', 'deliveries', { note_id: 2, performed_by: B }],
    ['holds the name of a role', 'note_log', { note_id: 2, performed_by: 'authenticated' }],
  ])('that %s is not', (_, relname, entry) => {
    expect(verdictOn(relname, entry).state).toBe('held');
  });

  test('in which clients write themselves counts by the columns alone that say who did it', () => {
    const entry = { user_id: B, action: 'update', entity_id: 2 };
    expect(verdictOn('activity_log', entry, false).state).toBe('held');
    expect(verdictOn('activity_log', { ...entry, actor_id: B }, false).state).toBe('broken');
  });
});

test('a column that a history shares with the row tells of the row', () => {
  expect(verdictOn('notes_versions', { team_id: 'x', body: 'text', views: 0, about: B }).state).toBe('held');
  expect(verdictOn('notes_versions', { team_id: 'x', body: 'text', views: 0, changed_by: B }).state).toBe('broken');
});

test('words of who acts, and of logs', () => {
  expect(
    ['performed_by', 'actor', 'changed_by_user_id', 'auth_uid', 'actor_email'].filter((name) => !namesActor(name)),
  ).toEqual([]);
  expect(['shared_by', 'owner_id', 'target_user', 'recipient_id', 'user_id', 'record'].filter(namesActor)).toEqual([]);
  expect(isLog(table('message_log', ['action']))).toBe(false);
  expect(isLog(table('messages_audit', ['action']))).toBe(true);
  expect(isLog(table('record_version', ['op', 'record']))).toBe(true);
});
