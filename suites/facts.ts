/** What a database is, rows aside, so that it can be compared with another: its catalog, and what no catalog of ours reads. */

import type { Catalog } from '../fixtures/model/catalog.ts';
import { literal } from '../fixtures/wire/escape.ts';
import type { Session } from '../fixtures/wire/session.ts';

/** Without what differs from one creation to the next; roles belong to the whole server. */
export function comparable({ roles: _, ...catalog }: Catalog): unknown {
  return JSON.parse(JSON.stringify(catalog, (key, value: unknown) => (key === 'oid' ? undefined : value)));
}

/** One line a fact: every object by its name, every owner, privilege, comment and setting, and the API's roles. */
export async function factsOf(owner: Session): Promise<readonly string[]> {
  const sql = [...Object.entries(OBJECTS).map(objects), ...Object.values(FACTS)].join(' UNION ALL ');
  const { rows } = await owner.query(`SELECT DISTINCT fact FROM (${sql}) AS facts ORDER BY 1`);
  return rows.map(({ fact }) => String(fact));
}

interface Kind {
  readonly owner?: string;
  readonly acl?: string;
  /** What tells one definition from another. */
  readonly said?: string;
  readonly where?: string;
}

// Names of TOAST tables and of the triggers behind a foreign key hold numbers that differ from one creation to the next.
const OBJECTS: Readonly<Record<string, Kind>> = {
  pg_namespace: { owner: 'nspowner', acl: 'nspacl', where: "o.nspname !~ '^pg_(toast_)?temp'" },
  pg_class: {
    ...{ owner: 'relowner', acl: 'relacl', where: "o.relnamespace <> 'pg_toast'::regnamespace" },
    said: "concat_ws(' ', o.relkind, o.relpersistence, o.relrowsecurity, o.relforcerowsecurity, o.reloptions)",
  },
  pg_proc: {
    ...{ owner: 'proowner', acl: 'proacl' },
    said: "concat_ws(' ', o.prokind, o.prosecdef, o.provolatile, o.proconfig, md5(o.prosrc))",
  },
  pg_type: { owner: 'typowner', acl: 'typacl' },
  pg_language: { owner: 'lanowner', acl: 'lanacl' },
  pg_default_acl: { acl: 'defaclacl' },
  pg_constraint: { said: 'pg_get_constraintdef(o.oid)' },
  pg_attrdef: { said: 'pg_get_expr(o.adbin, o.adrelid)' },
  pg_trigger: { said: 'pg_get_triggerdef(o.oid)', where: 'NOT o.tgisinternal' },
  pg_policy: {
    said: "concat_ws(' ', o.polcmd, pg_get_expr(o.polqual, o.polrelid), pg_get_expr(o.polwithcheck, o.polrelid))",
  },
  pg_rewrite: {},
  pg_extension: { said: 'o.extversion' },
  pg_event_trigger: { said: "concat_ws(' ', o.evtevent, o.evtenabled, o.evttags)" },
  pg_publication: { said: "concat_ws(' ', o.puballtables, o.pubinsert, o.pubupdate, o.pubdelete)" },
  pg_cast: {},
  pg_operator: {},
  pg_opclass: {},
  pg_collation: {},
  pg_statistic_ext: {},
  pg_foreign_data_wrapper: { acl: 'fdwacl' },
  pg_foreign_server: { acl: 'srvacl' },
};

function objects([catalog, { owner, acl, said, where = 'true' }]: readonly [string, Kind]): string {
  const granted = acl === undefined ? "''" : `ARRAY(SELECT item::text FROM unnest(o.${acl}) AS item ORDER BY 1)::text`;
  const by = owner === undefined ? "''" : `pg_get_userbyid(o.${owner})`;
  return `SELECT concat_ws(' ', i.type, i.identity, 'of', ${by}, ${granted}, ${said ?? "''"}) AS fact
    FROM pg_catalog.${catalog} AS o CROSS JOIN LATERAL pg_identify_object(${literal(catalog)}::regclass, o.oid, 0) AS i
    WHERE ${where}`;
}

const API = "('anon', 'authenticated', 'service_role', 'authenticator', 'postgres', 'supabase_admin')";

const FACTS = {
  columns: `SELECT concat_ws(' ', 'column', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attacl)
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
    WHERE a.attnum > 0 AND c.relnamespace NOT IN ('pg_toast'::regnamespace, 'pg_catalog'::regnamespace)`,
  comments: `SELECT concat_ws(' ', 'comment on', i.type, i.identity, d.description)
    FROM pg_description AS d CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) AS i
    WHERE d.objoid >= 16384`,
  labels: `SELECT concat_ws(' ', 'label of', i.identity, l.provider, l.label)
    FROM pg_seclabel AS l CROSS JOIN LATERAL pg_identify_object(l.classoid, l.objoid, l.objsubid) AS i`,
  roles: `SELECT concat_ws(' ', 'role', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconfig)
    FROM pg_roles WHERE rolname IN ${API}`,
  memberships: `SELECT concat_ws(' ', 'member', m.rolname, 'of', r.rolname, a.admin_option)
    FROM pg_auth_members AS a JOIN pg_roles AS m ON m.oid = a.member JOIN pg_roles AS r ON r.oid = a.roleid
    WHERE m.rolname IN ${API} AND r.rolname IN ${API}`,
  settings: `SELECT concat_ws(' ', 'setting', s.setrole::regrole, s.setconfig)
    FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = s.setdatabase WHERE d.datname = current_database()`,
  database: `SELECT concat_ws(' ', 'database', datacl, pg_get_userbyid(datdba)) FROM pg_database WHERE datname = current_database()`,
} as const;
