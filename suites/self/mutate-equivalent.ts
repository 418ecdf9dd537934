/** A project as SQL and one change to it, for the tests of what is shown to be equivalent. */

import { readCatalog } from '../../fixtures/introspect/catalog.ts';
import { clientRoles } from '../../fixtures/lab/client-roles.ts';
import type { Catalog } from '../../fixtures/model/catalog.ts';
import type { RelationName } from '../../fixtures/model/ids.ts';
import type { Mutant } from '../../fixtures/model/mutant.ts';
import type { PlatformKind } from '../../fixtures/model/project.ts';
import { proved } from '../../fixtures/mutate/equivalence.ts';
import { readGround } from '../../fixtures/mutate/ground.ts';
import type { Session } from '../../fixtures/wire/session.ts';

export interface Case {
  /** Roles that it makes are gone after the test, since all of it is one transaction. */
  readonly sql: string;
  /** What the mutant does. */
  readonly change: string;
  /** Default: plain. */
  readonly platform?: PlatformKind;
  /** Default: those that hold a grant. */
  readonly clients?: readonly string[];
}

/** Notes of one owner each, who is named by a setting; `rp_client` holds grants, `rp_other` nothing. */
export const notes = (owner = 'owner text NOT NULL') => `
  CREATE ROLE rp_client; CREATE ROLE rp_other;
  CREATE FUNCTION public.me() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('app.me', true) $$;
  CREATE TABLE public.docs (id int PRIMARY KEY, ${owner}, state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'published')), open boolean);
  ALTER TABLE public.docs ENABLE ROW LEVEL SECURITY;
  GRANT SELECT, INSERT, DELETE ON public.docs TO rp_client;
  CREATE POLICY own ON public.docs TO rp_client USING (owner = public.me());`;

/** The policy of the notes with another condition. */
export const policy = (using: string) => `ALTER POLICY own ON public.docs USING (${using})`;

/** Makes the project, asks, and takes everything back. @param login Rowproof's own */
export async function shown(
  admin: Session,
  login: string,
  { sql, change, clients, ...of }: Case,
): Promise<string | null> {
  const platform = of.platform ?? 'plain';
  await admin.script('BEGIN');
  try {
    await admin.script(sql);
    await admin.script('SAVEPOINT reading');
    const catalog = ofTheTest(await readCatalog(admin));
    const roles = clients ?? clientRoles(catalog, platform);
    const ground = await readGround(admin, catalog, { platform, clientRoles: roles, setting: null });
    await admin.script('ROLLBACK TO reading');
    return await proved({ session: admin, ground, login }, mutantOf(change));
  } finally {
    await admin.script('ROLLBACK');
  }
}

/**
 * Roles belong to the whole server, and tests of other files make some meanwhile: one that may create roles would make every
 * role reachable, and then less is shown.
 */
export function ofTheTest(catalog: Catalog): Catalog {
  return {
    ...catalog,
    roles: catalog.roles.filter(({ name }) => /^(?:rp_|pg_|anon$|authenticated$|service_role$)/.test(name)),
  };
}

/** What no prover reads is left empty: it is the change itself that they judge. */
export function mutantOf(change: string): Mutant {
  return {
    key: change,
    operator: 'by-hand',
    guard: '',
    surface: 'public.docs' as RelationName,
    verb: null,
    sql: [change],
    noop: [],
    was: '',
    is: '',
    removes: false,
  };
}
