/** A lab that is given a mutant mutates clones of that project's head, and nothing else. */

import { describe, expect, inject, test } from 'vitest';
import { type Database, openLab } from '../../fixtures/lab/lab.ts';
import { projectOf } from './project-of.ts';

const TABLE = 'CREATE TABLE public.notes (id int PRIMARY KEY, body text CHECK (body <> $$$$));';
const GONE = ['ALTER TABLE public.notes DROP CONSTRAINT notes_body_check'];

const migrations = { '1_table.sql': TABLE, '2_comment.sql': 'COMMENT ON TABLE public.notes IS $$notes$$;' };
const project = await projectOf(migrations);
const platform = 'plain';
const checksOf = ({ catalog }: Database) =>
  catalog.relations
    .flatMap(({ constraints }) => constraints)
    .filter(({ kind }) => kind === 'check')
    .map(({ name }) => name);

async function checks(of: { readonly project: string; readonly to?: string }, sql: readonly string[] = GONE) {
  const server = inject('server');
  const { folder: mutated } = (await openLab(server).template({ project, platform })).project;
  await using lab = openLab({ ...server, mutated: { project: mutated, sql } });
  await using database = await lab.clone({ platform, ...of });
  await database.owner.query("INSERT INTO public.notes VALUES (1, '')").catch(() => undefined);
  const { rows } = await database.owner.query('SELECT count(*)::int AS count FROM public.notes');
  return [checksOf(database), rows[0]?.['count'], checksOf({ ...database, catalog: database.template.catalog })];
}

describe('A mutated clone', () => {
  test('of the head has the mutation, and its catalog says so; its template stays', async () => {
    expect(await checks({ project })).toEqual([[], 1, ['notes_body_check']]);
    expect(await checks({ project, to: '2' })).toEqual([[], 1, ['notes_body_check']]);
  });

  test('of an earlier stage, and of another project, is as it was', async () => {
    const untouched = [['notes_body_check'], 0, ['notes_body_check']];
    expect(await checks({ project, to: '1' })).toEqual(untouched);
    expect(await checks({ project: await projectOf({ ...migrations, '3_other.sql': 'SELECT 1;' }) })).toEqual(
      untouched,
    );
  });

  test('is none where the server refuses the mutation', async () => {
    await expect(checks({ project }, ['DROP TABLE public.nowhere'])).rejects.toMatchObject({
      name: 'CannotRun',
      message: expect.stringContaining('does not apply: table "nowhere" does not exist'),
    });
  });
});
