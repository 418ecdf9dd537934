/** `access.yaml`: what is read, and what is said of each mistake. */

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readContract } from '../../fixtures/contract/read.ts';
import type { Contract } from '../../fixtures/model/contract.ts';
import { CannotRun } from '../../fixtures/model/errors.ts';

const flow = 'flows:\n  public.docs:\n    anon: [select]\n';

/** Reads a contract from text. */
async function reading(text: string): Promise<Contract> {
  const folder = await mkdtemp(join(tmpdir(), 'rowproof-contract-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'access.yaml');
  await writeFile(path, text);
  return readContract(path);
}

/** The sentence with which a contract is refused, without its folder. */
async function refusal(text: string): Promise<string> {
  const error: unknown = await reading(text).then(
    () => 'it was read',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CannotRun);
  const { message, fix } = error as CannotRun;
  expect(fix).not.toBe('');
  expect(message).not.toContain('\n');
  return message.replace(/^.*\/access\.yaml/, 'access.yaml');
}

describe('Reading access.yaml', () => {
  test('a minimal contract approves nothing, and demands nothing', async () => {
    expect(await reading('version: 1\n')).toEqual({ version: 1, flows: [], examples: [], waivers: [] });
  });

  test('a flow without columns is about every column', async () => {
    const contract = await reading(`version: 1\n${flow}`);
    expect(contract.flows).toEqual([{ surface: 'public.docs', relation: 'anon', verb: 'select', columns: null }]);
    expect(contract.surfaces).toEqual(['public.docs']);
  });

  test('flows, examples and waivers arrive as they were written', async () => {
    const contract = await reading(
      `version: 1\n${flow}    owner_id: [{ update: [body] }, delete]\n  public.closed: {}\nexamples:\n  - routine: public.send\n    persona: owner-a\n    arguments: { p: '{{a.lead}}', n: 3, x: null }\n` +
        'waivers:\n  - { key: k, reason: known, expires: 2026-12-31 }\n',
    );
    expect(contract.flows.slice(1)).toEqual([
      { surface: 'public.docs', relation: 'owner_id', verb: 'update', columns: ['body'] },
      { surface: 'public.docs', relation: 'owner_id', verb: 'delete', columns: null },
    ]);
    expect(contract.surfaces).toEqual(['public.docs', 'public.closed']);
    expect(contract.examples).toEqual([
      { routine: 'public.send', persona: 'owner-a', arguments: { p: '{{a.lead}}', n: 3, x: null } },
    ]);
    expect(contract.waivers).toEqual([{ key: 'k', reason: 'known', expires: '2026-12-31' }]);
  });

  test.for([
    ['an empty file', '', 'access.yaml is empty.'],
    ['a file of comments', '# soon\n', 'access.yaml is empty.'],
    ['no version', 'flows: []\n', 'access.yaml, line 1: the file lacks the field `version`.'],
    ['another version', 'version: 2\n', 'access.yaml, line 1: version is `2`, but must be `1`.'],
    ['a list', '- a\n', 'access.yaml, line 1: the file is `["a"]`, but must be object.'],
    [
      'a key twice',
      'version: 1\nflows: {}\nflows: {}\n',
      'access.yaml, line 3: the same key stands twice in one mapping.',
    ],
    [
      'a tab',
      'version: 1\nflows:\n\t- a\n',
      'access.yaml, line 3: a tab is used for indentation, and YAML allows only spaces there.',
    ],
    [
      'an unknown field',
      'version: 1\n\nflow: []\n',
      'access.yaml, line 3: the file has an unknown field `flow` (did you mean `flows`?).',
    ],
    ['flows as a list', 'version: 1\nflows: []\n', 'access.yaml, line 2: flows is `[]`, but must be object.'],
    [
      'a field far from any other',
      'version: 1\nwhatever: 1\n',
      'access.yaml, line 2: the file has an unknown field `whatever`.',
    ],
    [
      'a verb misspelt',
      `version: 1\n${flow.replace('select', 'selct')}`,
      'access.yaml, line 4: flows.public.docs.anon[0] is `selct`, but must be one of select, insert, update, delete, call (did you mean `select`?).',
    ],
    [
      'an unqualified relation',
      `version: 1\n${flow.replace('public.docs', 'docs')}`,
      'access.yaml, line 3: flows names `docs`, but must be qualified by its schema, e.g. `public.docs`.',
    ],
    [
      'columns of a verb that is none',
      `version: 1\n${flow.replace('[select]', '[{ updat: [id] }]')}`,
      'access.yaml, line 4: flows.public.docs.anon[0] has an unknown field `updat` (did you mean `update`?).',
    ],
    [
      'no verb at all',
      `version: 1\n${flow.replace('[select]', '[]')}`,
      'access.yaml, line 4: flows.public.docs.anon must NOT have fewer than 1 items.',
    ],
    [
      'a blank reason',
      'version: 1\nwaivers:\n  - key: k\n    reason: " "\n    expires: 2026-12-31\n',
      'access.yaml, line 4: waivers[0].reason is ` `, but must not be blank.',
    ],
    [
      'a date in words',
      'version: 1\nwaivers:\n  - key: k\n    reason: r\n    expires: soon\n',
      'access.yaml, line 5: waivers[0].expires is `soon`, but must be a date as YYYY-MM-DD.',
    ],
    [
      'a day that is none',
      'version: 1\nwaivers: [{ key: k, reason: r, expires: 2026-02-30 }]\n',
      'access.yaml: the waiver of k expires on 2026-02-30, which is no day of the calendar.',
    ],
    [
      'two documents',
      'version: 1\n---\nversion: 1\n',
      'access.yaml, line 2: a second document begins, and the file is a single one.',
    ],
    [
      'an alias to nothing',
      'version: *one\n',
      'access.yaml: Unresolved alias (the anchor must be set before the alias): one.',
    ],
  ])('%s is refused with line and path', async ([, text, sentence]) => {
    expect(await refusal(text ?? '')).toBe(sentence);
  });

  test('a file that is missing, or is a folder, is refused with its path', async () => {
    await expect(readContract('/nowhere/access.yaml')).rejects.toThrow('/nowhere/access.yaml cannot be read (ENOENT).');
    await expect(readContract(tmpdir())).rejects.toThrow('cannot be read (EISDIR).');
  });

  test('every contract of the reference systems is read', async () => {
    const systems = join(import.meta.dirname, '../../supabase');
    const files = (await readdir(systems, { recursive: true })).filter((file) => file.endsWith('access.yaml'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) await readContract(join(systems, file));
  });
});
