/** Small projects as people write them: silent as they are, and each planted hole is found, with nothing said besides. */

import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { check } from '../../fixtures/engine/check.ts';
import { openLab } from '../../fixtures/lab/lab.ts';
import { loadAttacks } from '../load-attacks.ts';
import { projectOf } from './project-of.ts';
import { unshown } from './shows.ts';

const FOLDER = fileURLToPath(new URL('./projects', import.meta.url));
const attacks = await loadAttacks();
const lab = openLab(inject('server'));

afterAll(() => lab[Symbol.asyncDispose]());

/** What platforms grant by default and no request can use is low, and said of nearly every project: left out. */
const verdict = async (project: string) => {
  const { findings, unknown, examination } = await check(lab, {
    project,
    attacks,
    seed: inject('seed'),
    today: '2000-01-01',
    continueOnError: true,
  });
  const failed = examination.migrations.failed.map(({ file }) => file.replace(/^migrations\//, ''));
  const weighty = findings.filter(({ severity }) => severity !== 'low');
  const silent = await unshown(lab, { project, continueOnError: true }, weighty);
  return { findings: weighty, unknown, failed, silent };
};

const filesIn = async (folder: string): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    await Promise.all((await readdir(folder)).map(async (name) => [name, await readFile(`${folder}/${name}`, 'utf8')])),
  );

/** `-- expect: key key`: what must be found; `-- unknown: key`: what must be said to be undecided. */
const keysAfter = (word: string, sql: string): readonly string[] =>
  new RegExp(`^-- ${word}: (.+)$`, 'm').exec(sql)?.[1]?.trim().split(/\s+/) ?? [];

const projects = await Promise.all(
  (await readdir(FOLDER)).sort().map(async (name) => ({
    name,
    migrations: await filesIn(`${FOLDER}/${name}/migrations`),
    holes: Object.entries(await filesIn(`${FOLDER}/${name}/holes`)).map(([file, sql]) => ({ file, sql })),
  })),
);

describe.each(projects)('$name', ({ migrations, holes }) => {
  test('as it is: no finding of weight, nothing unknown', async () => {
    const checked = await verdict(await projectOf(migrations));
    // A file that begins with `-- fails` is there to be refused.
    const broken = Object.keys(migrations).filter((file) => /^-- fails/.test(migrations[file] ?? ''));
    expect(checked.failed).toEqual(broken.toSorted());
    const { unknown } = checked;
    expect(checked.findings.map(({ key, observed }) => `${key} ${observed}`)).toEqual([]);
    expect(unknown.map(({ key, reason }) => `${key} ${reason}`)).toEqual([]);
  });

  test.each(holes)('$file is found, and nothing else', async ({ sql }) => {
    const [expected, undecided] = [keysAfter('expect', sql), keysAfter('unknown', sql)];
    expect([...expected, ...undecided], 'a hole names what must be said of it').not.toEqual([]);
    const checked = await verdict(await projectOf({ ...migrations, '9999_hole.sql': sql }));
    const { unknown } = checked;
    expect(checked.findings.map(({ key }) => key).toSorted()).toEqual(expected.toSorted());
    expect(checked.silent, 'witnesses that show nothing').toEqual([]);
    expect(unknown.map(({ key }) => key).toSorted()).toEqual(undecided.toSorted());
  });
});
