/** What an interrupted mutation run leaves behind, what may be taken from it, and how long the rest takes. */

import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findProject } from '../../fixtures/migrate/project.ts';
import { stateDigest } from '../../fixtures/mutate/digest.ts';
import { openJournal } from '../../fixtures/mutate/journal.ts';
import { earlierProject } from '../../scripts/mutate/since.ts';
import { paceOfResults } from '../../scripts/mutate/time-left.ts';
import { result } from './sample-mutation.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'rowproof-journal-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

describe('The journal', () => {
  const [one, two, three] = [result('op one'), result('op two'), result('op three')];
  const digest = 'd';

  test('knows every result of a run that was interrupted, and is gone after a whole one', async () => {
    const path = join(await folder(), 'journal.jsonl');
    {
      using first = openJournal(path, { digest });
      first.add(one);
      first.add(two);
      first.addTests(one.key, ['T-DM-02']);
    }
    using second = openJournal(path, { digest });
    expect([...second.known.values()]).toEqual([one, two]);
    expect([...second.knownTests]).toEqual([[one.key, ['T-DM-02']]]);
    second.add(three);
    second.finish();
    expect(await readdir(join(path, '..'))).toEqual([]);
  });

  test('forgets half a line that a killed run wrote, and goes on after it', async () => {
    const path = join(await folder(), 'journal.jsonl');
    {
      using first = openJournal(path, { digest });
      first.add(one);
    }
    await appendFile(path, JSON.stringify(two).slice(0, 40));
    {
      using second = openJournal(path, { digest });
      expect([...second.known.keys()]).toEqual([one.key]);
      second.add(three);
    }
    using third = openJournal(path, { digest });
    expect([...third.known.keys()]).toEqual([one.key, three.key]);
  });

  test('of another project, seed or Rowproof is thrown away, and so is any where all is asked anew', async () => {
    const path = join(await folder(), 'journal.jsonl');
    for (const other of [{ digest: 'e' }, { digest, fresh: true }]) {
      {
        using first = openJournal(path, { digest, fresh: true });
        first.add(one);
      }
      using second = openJournal(path, other);
      expect(second.known.size).toBe(0);
      expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(1);
    }
  });
});

describe('The digest of a state', () => {
  async function project(files: Readonly<Record<string, string>>): Promise<string> {
    const path = join(await folder(), 'shop');
    await mkdir(join(path, 'migrations'), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
    return path;
  }
  const files = { 'migrations/1.sql': 'SELECT 1;', 'migrations/2.sql': 'SELECT 2;', 'access.yaml': 'version: 1\n' };
  const own = {
    'package.json': '{}',
    'fixtures/a.ts': 'a',
    'suites/attacks/b.ts': 'b',
    'scripts/mutate/c.ts': 'c',
    'reports/mutation.ts': 'd',
  };
  async function digest(
    changed: Readonly<Record<string, string>> = {},
    ownChanged: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const root = await folder();
    for (const [name, text] of Object.entries({ ...own, ...ownChanged })) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), text);
    }
    return await stateDigest(await findProject(await project({ ...files, ...changed })), root);
  }

  test('is the same for the same files in another place', async () => {
    expect(await digest()).toBe(await digest());
    expect(await digest({ 'README.md': 'words' })).toBe(await digest());
  });

  test.for([
    ['a migration', { 'migrations/2.sql': 'SELECT 3;' }, {}],
    ['one more migration', { 'migrations/3.sql': 'SELECT 3;' }, {}],
    ['access.yaml', { 'access.yaml': 'version: 1\nflows: {}\n' }, {}],
    ['the seed', { 'seed.sql': 'SELECT 1;' }, {}],
    ['an attack', {}, { 'suites/attacks/b.ts': 'c' }],
    ['the engine', {}, { 'fixtures/a.ts': 'c' }],
    ['how T-tests judge', {}, { 'scripts/mutate/c.ts': 'e' }],
    ['the form of the report', {}, { 'reports/mutation.ts': 'e' }],
    ['a library', {}, { 'package.json': '{"dependencies":{}}' }],
  ] as const)('is another one with %s', async ([, changed, ownChanged]) => {
    expect(await digest(changed, ownChanged)).not.toBe(await digest());
  });
});

describe('The project at a git ref', () => {
  async function repository(): Promise<{ readonly root: string; readonly git: (...words: string[]) => string }> {
    const root = await folder();
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'commit.gpgsign=false'];
    const git = (...words: string[]) => execFileSync('git', ['-C', root, ...who, ...words], { encoding: 'utf8' });
    git('init', '-q', '-b', 'main');
    await mkdir(join(root, 'db/migrations'), { recursive: true });
    await writeFile(join(root, 'db/migrations/1.sql'), 'SELECT 1;');
    git('add', '-A');
    git('commit', '-q', '-m', 'one');
    await writeFile(join(root, 'db/migrations/2.sql'), 'SELECT 2;');
    git('add', '-A');
    git('commit', '-q', '-m', 'two');
    await writeFile(join(root, 'db/migrations/1.sql'), 'SELECT 9;');
    return { root, git };
  }

  test('lies in a folder of its own, and neither work tree nor index have changed', async () => {
    const { root, git } = await repository();
    const before = git('status', '--porcelain');
    let place = '';
    {
      await using earlier = await earlierProject(join(root, 'db'), 'HEAD~1');
      place = earlier.folder ?? '';
      expect(await readdir(join(place, 'migrations'))).toEqual(['1.sql']);
      expect(await readFile(join(place, 'migrations/1.sql'), 'utf8')).toBe('SELECT 1;');
      expect(git('status', '--porcelain')).toBe(before);
    }
    await expect(readdir(join(place, '..'))).rejects.toThrow('ENOENT');
  });

  test('may not be there yet, once it is under git at all', async () => {
    const { root, git } = await repository();
    await mkdir(join(root, 'new/migrations'), { recursive: true });
    await writeFile(join(root, 'new/migrations/1.sql'), 'SELECT 1;');
    const fault = expect.objectContaining({ name: 'CannotRun', message: expect.stringContaining('git does not keep') });
    await expect(earlierProject(join(root, 'new'), 'HEAD')).rejects.toThrow(fault);
    git('add', '-A');
    await using earlier = await earlierProject(join(root, 'new'), 'HEAD');
    expect(earlier.folder).toBeNull();
  });

  test('is refused in a sentence where there is no such ref, or no repository', async () => {
    const { root } = await repository();
    const said = (message: string) => expect.objectContaining({ name: 'CannotRun', message });
    await expect(earlierProject(root, 'nowhere')).rejects.toThrow(said('git knows no `nowhere` here.'));
    await expect(earlierProject(root, '--all')).rejects.toThrow(said('git knows no `--all` here.'));
    const outside = await folder();
    await expect(earlierProject(outside, 'main')).rejects.toThrow(said(`${outside} is in no git repository.`));
  });
});

test('how long the rest takes is told by the pace of the last results alone', () => {
  let now = 0;
  const pace = paceOfResults(() => now);
  expect(pace.left(10)).toBe('');
  for (let at = 0; at < 100; at += 1) {
    now += 60_000;
    pace.result();
  }
  expect(pace.left(10)).toBe('about 10 min left');
  for (let at = 0; at < 60; at += 1) {
    now += 100;
    pace.result();
  }
  expect(pace.left(300)).toBe('about 30 s left');
  expect(pace.left(0)).toBe('');
});
