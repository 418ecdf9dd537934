/** The population knows whose each row is: accounts, identity columns, memberships, relations through foreign keys. */

import { describe, expect, test } from 'vitest';
import { findRow } from '../../fixtures/populate/find.ts';
import { identityColumns } from '../../fixtures/populate/identity.ts';
import { castOf, everybody, rows, worldFor } from './populate-scratch.ts';

const chat = `
  CREATE TABLE requests (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users, title text NOT NULL);
  CREATE TABLE conversations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    request_id uuid NOT NULL REFERENCES requests,
    requester_id uuid NOT NULL REFERENCES auth.users,
    helper_id uuid NOT NULL REFERENCES auth.users,
    opening text NOT NULL CHECK (char_length(opening) BETWEEN 10 AND 1000),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'closed')),
    CHECK (requester_id <> helper_id),
    UNIQUE (request_id, helper_id));
  CREATE TABLE messages (id uuid PRIMARY KEY, conversation_id uuid NOT NULL REFERENCES conversations, sender_id uuid NOT NULL REFERENCES auth.users, content text NOT NULL);
  ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
  ALTER TABLE messages FORCE ROW LEVEL SECURITY;`;

describe('a chat', () => {
  test('the circle of a lead has rows in every table, and its lead asks while its partner helps', async () => {
    await using scratch = await worldFor('supabase', chat);
    const { world } = scratch;
    const { lead, partner } = world.circles.a;
    expect(world.unpopulated).toEqual([]);
    for (const table of ['requests', 'conversations', 'messages'])
      expect(castOf(world, `public.${table}`)).toEqual(everybody);
    expect(findRow(world, 'public.conversations', 'a')?.values).toMatchObject({
      request_id: findRow(world, 'public.requests', 'a')?.values['id'],
      requester_id: lead,
      helper_id: partner,
      status: 'active',
    });
    expect(findRow(world, 'public.conversations', 'a', 'partner')?.values).toMatchObject({
      requester_id: partner,
      helper_id: lead,
    });
  });

  test('a message concerns both parties of its conversation, a request its author alone', async () => {
    await using scratch = await worldFor('supabase', chat);
    const { world } = scratch;
    const { lead, partner } = world.circles.b;
    expect(findRow(world, 'public.messages', 'b')?.related).toEqual([lead, partner]);
    expect(findRow(world, 'public.requests', 'b')?.related).toEqual([lead]);
  });

  test('accounts exist for the circles and the stranger, and the stranger is named in no other row', async () => {
    await using scratch = await worldFor('supabase', chat);
    const { world } = scratch;
    expect(castOf(world, 'auth.users')).toEqual(['seed', ...everybody]);
    const others = world.rows.filter((row) => row.relation !== 'auth.users');
    expect(others.filter((row) => row.related.includes(world.stranger))).toEqual([]);
  });
});

const blog = `
  CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE, full_name text, handle varchar(12) UNIQUE);
  CREATE TABLE audit (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), at timestamptz NOT NULL DEFAULT now(), who uuid, what text);
  CREATE FUNCTION handle_new_user() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
      INSERT INTO public.profiles (id, full_name) VALUES (new.id, new.raw_user_meta_data ->> 'full_name');
      INSERT INTO public.audit (who, what) VALUES (new.id, 'signed up');
      RETURN new;
    END $$;
  CREATE TRIGGER signup AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION handle_new_user();
  CREATE TABLE posts (id bigserial PRIMARY KEY, author_id uuid NOT NULL REFERENCES profiles, body text);
  CREATE TABLE categories (code char(2) PRIMARY KEY, name text NOT NULL);`;

describe('a blog whose profiles come from a signup trigger', () => {
  test('the profile that the trigger made is taken as its user’s and marked', async () => {
    await using scratch = await worldFor('supabase', blog);
    const { world } = scratch;
    const profile = findRow(world, 'public.profiles', 'a');
    expect(profile?.values['id']).toBe(world.circles.a.lead);
    expect(profile?.canaries).toHaveLength(2);
    expect(castOf(world, 'public.profiles')).toEqual(['seed', ...everybody]);
    expect(rows(world, 'public.profiles')[0]?.related).toEqual([world.stranger]);
  });

  test('posts belong to users through profiles, categories to nobody', async () => {
    await using scratch = await worldFor('supabase', blog);
    const { world } = scratch;
    expect(findRow(world, 'public.posts', 'b')?.values['author_id']).toBe(world.circles.b.lead);
    expect(findRow(world, 'public.posts', 'b')?.related).toEqual([world.circles.b.lead]);
    expect(castOf(world, 'public.categories')).toEqual(['shared', 'shared']);
    expect(world.identity.get('public.posts' as never)).toEqual([{ column: 'author_id', why: 'foreign key' }]);
  });

  test('a column in which a signup trigger puts the user’s id names a user, without key, policy or telling name', async () => {
    await using scratch = await worldFor('supabase', blog);
    const { world } = scratch;
    expect(world.identity.get('public.audit' as never)).toEqual([{ column: 'who', why: 'data' }]);
    const seeds = rows(world, 'public.audit').filter((row) => row.variant === 'seed');
    expect(seeds.map((row) => row.circle).toSorted()).toEqual(['a', 'a', 'b', 'b', null]);
  });
});

const teams = `
  CREATE TABLE orgs (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]+$'));
  CREATE TABLE org_members (org_id uuid REFERENCES orgs, user_id uuid REFERENCES auth.users, role text NOT NULL CHECK (role IN ('owner', 'admin', 'member')), PRIMARY KEY (org_id, user_id));
  CREATE TABLE projects (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), org_id uuid NOT NULL REFERENCES orgs, name text);
  CREATE TABLE reviews (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, product int NOT NULL, user_id uuid NOT NULL REFERENCES auth.users, body text NOT NULL, UNIQUE (product, user_id));
  CREATE TABLE likes (badge_id int, user_id uuid REFERENCES auth.users, PRIMARY KEY (badge_id, user_id));
  CREATE TABLE badges (id int PRIMARY KEY, label text);
  ALTER TABLE likes ADD FOREIGN KEY (badge_id) REFERENCES badges;`;

describe('organisations with members', () => {
  test('an organisation concerns its members, and so does what hangs below it', async () => {
    await using scratch = await worldFor('supabase', teams);
    const { world } = scratch;
    expect(world.unpopulated).toEqual([]);
    expect(castOf(world, 'public.orgs')).toEqual(everybody);
    expect(findRow(world, 'public.projects', 'a')?.related).toEqual([world.circles.a.lead]);
  });

  test('liking a badge does not make it one’s own', async () => {
    await using scratch = await worldFor('supabase', teams);
    expect(castOf(scratch.world, 'public.badges')).toEqual(['shared', 'shared']);
  });
});

describe('roles that hold everywhere', () => {
  test('only one person who never attacks has a row; memberships and profiles are for everybody', async () => {
    await using scratch = await worldFor(
      'supabase',
      `CREATE TABLE user_roles (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users, role text NOT NULL, UNIQUE (user_id, role));
       CREATE TABLE admins (user_id uuid PRIMARY KEY REFERENCES auth.users);
       CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users, role text NOT NULL DEFAULT 'user', bio text);${teams}`,
    );
    const { world } = scratch;
    for (const table of ['user_roles', 'admins']) expect(castOf(world, `public.${table}`)).toEqual(['b partner']);
    for (const table of ['profiles', 'org_members']) expect(castOf(world, `public.${table}`)).toEqual(everybody);
  });

  test('where each parent has room for one child, the partners’ parents stay free', async () => {
    await using scratch = await worldFor(
      'supabase',
      `CREATE TABLE bookings (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), guest uuid NOT NULL REFERENCES auth.users);
       CREATE TABLE verdicts (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), booking_id uuid NOT NULL UNIQUE REFERENCES bookings, author uuid NOT NULL REFERENCES auth.users);`,
    );
    expect(castOf(scratch.world, 'public.verdicts')).toEqual(['a lead', 'b lead']);
    expect(castOf(scratch.world, 'public.bookings')).toEqual(everybody);
  });
});

describe('columns that name users', () => {
  test('policies tell, through wrappers, subqueries and aliases; arrays that are searched are no such column', async () => {
    await using scratch = await worldFor(
      'supabase',
      `CREATE FUNCTION me() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT auth.uid()';
       CREATE TABLE rooms (id int PRIMARY KEY, boss uuid, readers uuid[]);
       CREATE TABLE seats (room int, usr2 uuid);
       CREATE POLICY p ON rooms USING (boss = (SELECT me()) OR auth.uid() = ANY (readers)
         OR EXISTS (SELECT 1 FROM seats s WHERE s.room = rooms.id AND s.usr2 = auth.uid()));`,
    );
    const identity = await identityColumns(scratch.catalog);
    expect(identity.get('public.rooms' as never)).toEqual([{ column: 'boss', why: 'policy' }]);
    expect(identity.get('public.seats' as never)).toEqual([{ column: 'usr2', why: 'policy' }]);
    const { a } = scratch.world.circles;
    expect(findRow(scratch.world, 'public.rooms', 'a')?.values['readers']).toEqual([a.lead, a.partner]);
    expect(findRow(scratch.world, 'public.seats', 'a')?.values['room']).toBe(
      findRow(scratch.world, 'public.rooms', 'a')?.values['id'],
    );
  });
});

test('files lie in the buckets that policies name, below a folder called like their owner', async () => {
  await using scratch = await worldFor(
    'supabase',
    `CREATE POLICY own ON storage.objects TO authenticated USING (bucket_id = 'docs' AND (storage.foldername(name))[1] = auth.uid()::text);`,
  );
  const { world } = scratch;
  expect(castOf(world, 'storage.buckets')).toEqual(['shared']);
  const file = findRow(world, 'storage.objects', 'a');
  expect(file?.values).toMatchObject({ bucket_id: 'docs', owner: world.circles.a.lead });
  expect(String(file?.values['name']).startsWith(`${world.circles.a.lead}/cnry_`)).toBe(true);
  expect(file?.canaries).toHaveLength(1);
});

test('without policies on files the platform’s tables stay empty, accounts apart', async () => {
  await using scratch = await worldFor('supabase', 'CREATE TABLE t (id int PRIMARY KEY)');
  expect(scratch.world.rows.filter((row) => row.relation.startsWith('storage.'))).toEqual([]);
});

test('a membership that a trigger made for a founder is taken as the founder’s, not doubled elsewhere', async () => {
  await using scratch = await worldFor(
    'supabase',
    `CREATE TABLE orgs (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
     CREATE TABLE org_members (org_id uuid REFERENCES orgs, user_id uuid REFERENCES auth.users, role text, PRIMARY KEY (org_id, user_id));
     CREATE FUNCTION found() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN INSERT INTO org_members VALUES (new.id, auth.uid(), 'owner'); RETURN new; END $$;
     CREATE TRIGGER found AFTER INSERT ON orgs FOR EACH ROW EXECUTE FUNCTION found();`,
  );
  const { world } = scratch;
  expect(castOf(world, 'public.org_members')).toEqual(everybody);
  expect(findRow(world, 'public.orgs', 'a')?.related).toEqual([world.circles.a.lead]);
});
