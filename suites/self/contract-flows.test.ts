/** `access.yaml` with flows: proposed, compared, and what `check` says when a flow opens or closes. */

import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { observeAccess } from '../../fixtures/engine/access.ts';
import { check } from '../../fixtures/engine/check.ts';
import { openLab } from '../../fixtures/lab/lab.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import { attack as readForeignRow } from '../attacks/read-foreign-row.ts';
import { attack as rpcForeignRow } from '../attacks/rpc-foreign-row.ts';
import { projectOf } from './project-of.ts';

const BASE = `
CREATE TABLE public.posts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL REFERENCES auth.users (id),
  title text NOT NULL,
  status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'published'))
);
CREATE TABLE public.secrets (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id uuid NOT NULL REFERENCES auth.users (id), body text);
ALTER TABLE public.posts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.secrets ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.posts, public.secrets FROM anon, authenticated;
GRANT SELECT, INSERT, DELETE ON public.posts TO authenticated;
GRANT UPDATE (title, status) ON public.posts TO authenticated;
CREATE POLICY own ON public.posts TO authenticated USING (owner_id = auth.uid()) WITH CHECK (owner_id = auth.uid());
CREATE FUNCTION public.title_of(p_id uuid) RETURNS text LANGUAGE sql STABLE AS $$ SELECT title FROM public.posts WHERE id = p_id $$;
REVOKE ALL ON FUNCTION public.title_of(uuid) FROM PUBLIC, anon;`;

const PROPOSED = `version: 1
flows:
  public.posts:
    owner_id: [select, insert, {update: [status, title]}, delete]
  public.secrets: {}
  public.title_of(uuid):
    authenticated: [call, {select: [public.posts.title]}]
`;

const DEFINER = `CREATE OR REPLACE FUNCTION public.title_of(p_id uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = '' AS $$ SELECT title FROM public.posts WHERE id = p_id $$;`;

const lab = openLab(inject('server'));
afterAll(() => lab[Symbol.asyncDispose]());

/** The project with one more migration, and with a contract where one is given. */
const project = (change: string, access: string | null) =>
  projectOf({
    '1_base.sql': BASE,
    '2_change.sql': `${change}\nSELECT 1;`,
    ...(access === null ? {} : { '../access.yaml': access }),
  });

const checked = async (change: string, access: string, attacks: readonly Attack[] = []) =>
  await check(lab, { project: await project(change, access), attacks, seed: inject('seed'), today: '2000-01-01' });

/** Key and observation of every finding. */
const found = async (change: string, access: string) =>
  (await checked(change, access)).findings.map(({ key, observed }) => [key, observed]);

const proposed = async (change: string, access: string | null, seed = inject('seed')) =>
  await observeAccess(lab, { project: await project(change, access), seed });

const flowsOf = (text: string): unknown => parse(text).flows;

describe('Proposing access.yaml', () => {
  test('every flow is there, one line for each relation, whatever the seed', async () => {
    const { proposal, changes, path } = await proposed('', null);
    expect(flowsOf(proposal)).toEqual(flowsOf(PROPOSED));
    expect(changes.map(({ kind }) => kind)).toEqual(['unmentioned', 'unmentioned', 'unmentioned']);
    expect(path).toMatch(/access\.yaml$/);
    for (const seed of [1]) expect((await proposed('', null, seed)).proposal).toBe(proposal);
  });

  test('of a file that is up to date every byte stays', async () => {
    const written = `# Ours.\n${PROPOSED}\nexamples: []\n\n# None yet.\nwaivers: []\n`.replace(
      'delete]',
      'delete] # their own',
    );
    const { proposal, changes } = await proposed('', written);
    expect(proposal).toBe(written);
    expect(changes).toEqual([]);
  });

  test('comments, examples and waivers stay when flows change; what is foreign is a question', async () => {
    const waiver = 'waivers:\n  - {key: k, reason: r, expires: 2001-01-01} # soon\n';
    const { proposal } = await proposed(
      "CREATE POLICY board ON public.posts FOR SELECT TO authenticated USING (status = 'published');",
      `${PROPOSED.replace('delete]', 'delete] # their own')}\n${waiver}`,
    );
    expect(proposal).toContain('delete] # their own\n    stranger[status=published]: [select] # question');
    expect(proposal).toContain(waiver);
  });

  test('a file without flows gets them, and keeps its waivers', async () => {
    const { proposal } = await proposed('', 'version: 1\n# Ours.\nwaivers: []\n');
    expect(flowsOf(proposal)).toEqual(flowsOf(PROPOSED));
    expect(proposal).toContain('# Ours.\nwaivers: []');
  });
});

describe('Checking with access.yaml', () => {
  test('nothing is said when every flow is as approved', async () => {
    expect(await found('', PROPOSED)).toEqual([]);
  });

  test('without a section `flows` nothing is demanded', async () => {
    expect(await found('CREATE TABLE public.more (id int PRIMARY KEY);', 'version: 1\n')).toEqual([]);
  });

  test.for([
    [
      'a policy that opens rows to everybody',
      'CREATE POLICY board ON public.posts FOR SELECT TO authenticated USING (true);',
      'contract-opened:select:public.posts:stranger',
      '+ public.posts  stranger: select',
    ],
    [
      'a column that may be changed now',
      'GRANT UPDATE (id) ON public.posts TO authenticated;',
      'contract-opened:update:public.posts:owner_id',
      '+ public.posts  owner_id: update (id)',
    ],
    [
      'a verb that is refused now',
      'REVOKE DELETE ON public.posts FROM authenticated;',
      'contract-closed:delete:public.posts:owner_id',
      '- public.posts  owner_id: delete',
    ],
    [
      'a table that is not mentioned',
      'CREATE TABLE public.more (id int PRIMARY KEY); ALTER TABLE public.more ENABLE ROW LEVEL SECURITY;',
      'contract-unmentioned:any:public.more',
      '+ public.more  (nobody may use it)',
    ],
    [
      'a routine that serves strangers now',
      DEFINER,
      'contract-opened:call:public.title_of(uuid):stranger',
      '+ public.title_of(uuid)  stranger: call',
    ],
  ] as const)('%s is a finding with a line of a diff', async ([, change, key, line]) => {
    expect(await found(change, PROPOSED)).toContainEqual([key, line]);
  });

  test.for([
    [
      'a relation that nobody has',
      PROPOSED.replace('owner_id', 'editor_id'),
      'contract-unexercised:select:public.posts:editor_id',
    ],
    ['a surface that is gone', `${PROPOSED}  public.gone: {}\n`, 'contract-unexercised:any:public.gone'],
  ] as const)('an entry of %s fails', async ([, access, key]) => {
    expect((await found('', access)).map(([one]) => one)).toContain(key);
  });

  test('an opened flow has a severity and a witness that shows it', async () => {
    const { findings } = await checked(
      'CREATE POLICY board ON public.posts FOR SELECT TO authenticated USING (true);',
      PROPOSED,
    );
    expect(findings[0]).toMatchObject({ attack: 'contract', severity: 'medium', relation: 'stranger' });
    expect(findings[0]?.witness).toContain('SELECT * FROM "public"."posts"');
  });

  test('a waiver covers the change of one flow until it runs out', async () => {
    const waived = (expires: string) => `${PROPOSED}waivers:
  - {key: 'contract-closed:delete:public.posts:owner_id', reason: r, expires: ${expires}}\n`;
    const change = 'REVOKE DELETE ON public.posts FROM authenticated;';
    expect(await found(change, waived('2000-01-01'))).toEqual([]);
    expect(await found(change, waived('1999-12-31'))).toHaveLength(1);
  });
});

describe('An approved flow', () => {
  const board = 'CREATE POLICY board ON public.posts FOR SELECT TO authenticated USING (true);';
  const states = async (change: string, access: string, attack: Attack) => {
    const { findings, questions } = await checked(change, access, [attack]);
    return [...findings, ...questions].map(({ key }) => key);
  };

  test('is no question any more; of another verb or caller it still is', async () => {
    const settled = PROPOSED.replace('authenticated: [call', 'stranger: [call');
    const approving = (line: string) => settled.replace('  public.secrets', `    ${line}\n  public.secrets`);
    expect(await states(board, approving('stranger: [select]'), readForeignRow)).toEqual([]);
    expect(await states(board, approving('anon: [select]'), readForeignRow)).toContain(
      'read-foreign-row:select:public.posts',
    );
    expect(await states(board, approving('stranger: [delete]'), readForeignRow)).toContain(
      'read-foreign-row:select:public.posts',
    );
  });

  test('of some rows settles the question; whoever then sees more has opened a flow', async () => {
    const access = PROPOSED.replace('  public.secrets', '    stranger[status=published]: [select]\n  public.secrets');
    const published = "CREATE POLICY board ON public.posts FOR SELECT TO authenticated USING (status = 'published');";
    expect(await states(published, access, readForeignRow)).toEqual([]);
    expect(await states(published, PROPOSED, readForeignRow)).toContain('read-foreign-row:select:public.posts');
    expect(await states(board, access, readForeignRow)).not.toEqual([]);
  });

  test('of a routine is settled for what it does, and for no more', async () => {
    const approving = (verbs: string) =>
      PROPOSED.replace('authenticated: [call', `stranger: ${verbs}\n    authenticated: [call`);
    const whole = approving('[call, {select: [public.posts.title]}]');
    expect(await states(DEFINER, whole, rpcForeignRow)).toEqual([]);
    expect(await states(DEFINER, approving('[call]'), rpcForeignRow)).toContain(
      'rpc-foreign-row:call:public.title_of(uuid)',
    );
  });
});

test.each(['messaging', 'memory'])('access.yaml of %s is what the tool proposes, for another seed', async (system) => {
  const folder = `${import.meta.dirname}/../../supabase/${system}`;
  const { proposal, changes } = await observeAccess(lab, { project: folder, seed: 12345 });
  expect(changes).toEqual([]);
  expect(proposal).toBe(await readFile(`${folder}/access.yaml`, 'utf8'));
});
