/** A schema with one of everything that the catalog tells, and ways to look things up in it. */

import type { Catalog, Grant, Relation, Routine } from '../../fixtures/model/catalog.ts';

export const oneOfEverything = `
  CREATE SCHEMA "Odd ""One""";
  CREATE TYPE mood AS ENUM ('sad', 'ok');
  CREATE DOMAIN word AS varchar(30) CHECK (VALUE !~ ' ');
  CREATE DOMAIN address AS word NOT NULL CHECK (VALUE ~ '@');
  CREATE TABLE people (id uuid PRIMARY KEY DEFAULT gen_random_uuid() REFERENCES auth.users ON DELETE CASCADE, mail address, m mood, ms mood[], up text GENERATED ALWAYS AS (upper(mail)) STORED);
  CREATE TABLE docs (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner uuid NOT NULL DEFAULT auth.uid() REFERENCES people ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE,
    "Body text" varchar(12) DEFAULT 'x',
    n serial,
    CONSTRAINT positive CHECK (n > 0),
    CONSTRAINT pair UNIQUE (n, owner));
  CREATE UNIQUE INDEX live ON docs (lower("Body text")) WHERE n > 5;
  ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
  ALTER TABLE docs FORCE ROW LEVEL SECURITY;
  CREATE POLICY own ON docs AS RESTRICTIVE FOR UPDATE TO authenticated, anon USING (owner = auth.uid()) WITH CHECK (n < 10);
  CREATE POLICY seen ON docs FOR SELECT USING (true);
  REVOKE ALL ON docs FROM anon;
  GRANT SELECT (id, "Body text"), UPDATE (n) ON docs TO anon;
  CREATE VIEW v WITH (security_invoker = on, security_barrier) AS SELECT docs.id, people.mail FROM docs JOIN people ON people.id = docs.owner;
  CREATE VIEW w AS SELECT * FROM v;
  CREATE VIEW positive AS SELECT id, n FROM docs WHERE n > 0 WITH LOCAL CHECK OPTION;
  CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one;
  CREATE TABLE ev (region text) PARTITION BY LIST (region);
  CREATE TABLE ev_eu PARTITION OF ev FOR VALUES IN ('eu');
  CREATE FUNCTION f(a int, OUT b int, c text DEFAULT 'x', VARIADIC d int[] DEFAULT NULL) RETURNS int LANGUAGE sql STABLE SECURITY DEFINER STRICT SET search_path = public, pg_temp AS 'SELECT 1';
  CREATE FUNCTION g() RETURNS SETOF docs LANGUAGE sql BEGIN ATOMIC SELECT * FROM docs; END;
  CREATE PROCEDURE p(INOUT m mood) LANGUAGE plpgsql AS 'BEGIN END';
  REVOKE ALL ON FUNCTION g() FROM PUBLIC, anon;
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
  CREATE TRIGGER t BEFORE INSERT OR UPDATE OF n ON docs FOR EACH ROW EXECUTE FUNCTION touch();
  ALTER TABLE docs DISABLE TRIGGER t;
  ALTER DEFAULT PRIVILEGES IN SCHEMA "Odd ""One""" GRANT SELECT ON TABLES TO anon WITH GRANT OPTION;
  CREATE TABLE "Odd ""One""".t (x int);
  CREATE EXTENSION citext;`;

/** The relation of that name. @throws when the catalog has none */
export function relation(catalog: Catalog, name: string): Relation {
  const found = catalog.relations.find((each) => each.name === name);
  if (!found) throw new Error(`${name} is not in the catalog`);
  return found;
}

/** The routine of that signature. @throws when the catalog has none */
export function routine(catalog: Catalog, name: string): Routine {
  const found = catalog.routines.find((each) => each.name === name);
  if (!found)
    throw new Error(
      `${name} is not in the catalog: ${catalog.routines.filter((each) => !each.platform).map((each) => each.name)}`,
    );
  return found;
}

/** `grantee privilege` or `grantee privilege (columns)`. */
export function spelled(grants: readonly Grant[], grantee: string): readonly string[] {
  return grants
    .filter((grant) => grant.grantee === grantee)
    .map(({ privilege, columns }) => (columns ? `${privilege} (${columns.join(', ')})` : privilege));
}
