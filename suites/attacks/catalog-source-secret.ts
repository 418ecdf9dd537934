/** Looks for keys in what every role may read of the catalog: functions, defaults, views, policies, triggers, settings. */

import { policyTexts } from '../../fixtures/engine/asked.ts';
import { bystanders } from '../../fixtures/engine/people.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Surface } from '../../fixtures/model/verdict.ts';
import { type Secret, secretIn, secretSetting } from '../../fixtures/oracles/secrets.ts';
import { literal } from '../../fixtures/wire/escape.ts';

const PING = (key: string) => `
CREATE OR REPLACE FUNCTION public.ping() RETURNS jsonb LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
  SELECT pg_catalog.jsonb_build_object('Authorization', ${key}) $$;
REVOKE ALL ON FUNCTION public.ping() FROM PUBLIC, anon, authenticated;`;

export const attack: Attack = {
  id: 'catalog-source-secret',
  group: 'function',
  severity: 'medium',
  reachable: 'database_only',
  title: 'reads a key in the catalog',
  explains:
    'Every role may read the text of every function, default, view, policy, trigger, comment and setting, also of those that it may not use. A key there is a key for everybody who can connect, and in the repository besides.',
  plants: [
    {
      platform: 'supabase',
      base: '',
      plant: PING(`'Bearer 9f86d081-planted'`),
      repair: `CREATE TABLE public.keys (name text PRIMARY KEY, said text NOT NULL);
ALTER TABLE public.keys ENABLE ROW LEVEL SECURITY; REVOKE ALL ON public.keys FROM anon, authenticated;
${PING(`(SELECT 'Bearer ' || k.said FROM public.keys AS k WHERE k.name = 'ping')`)}`,
    },
  ],
  repair: ({ name }) =>
    `-- change the key: it is in the repository, too. Then keep it where only its reader gets at it, e.g. vault.decrypted_secrets, and read it from ${name}`,
  *trials(scene) {
    const persona = bystanders(scene.attackers).at(-1);
    if (!persona) return;
    for (const { kind, name, text, among } of placesOf(scene)) {
      const secret = kind === 'setting' ? secretSetting(name, text) : secretIn(text);
      if (secret) yield trial({ kind, name, verb: 'read' }, persona, secret, among);
    }
  },
};

interface Place {
  readonly kind: Surface['kind'];
  readonly name: string;
  readonly text: string;
  /** FROM and WHERE of what holds it, and after `AND` the text itself. */
  readonly among: string;
}

function trial(surface: Surface, persona: Persona, { what, start, certain }: Secret, among: string): Trial {
  return {
    surface,
    persona,
    shape: 'rolled back',
    probes: [{ persona, sql: `SELECT count(*) FROM ${among.replace('?', () => literal(start))}` }],
    judge: ([observation]) => {
      if ((observation?.rows[0]?.[0] ?? '0') === '0') return { state: 'held' };
      return {
        state: 'broken',
        expected: 'no key stands in what every role may read',
        observed: `${persona.name} can read ${what} in ${surface.name}`,
        columns: [],
        ...(certain ? {} : { severity: 'low' as const }),
      };
    },
  };
}

function placesOf(scene: Scene): readonly Place[] {
  return [...routines(scene), ...relations(scene), ...settings(scene), ...comments(scene)];
}

function routines({ catalog }: Scene): readonly Place[] {
  return catalog.routines
    .filter(({ platform }) => !platform)
    .map(({ name, schema, proname, body }) => ({
      kind: 'routine',
      name,
      text: body,
      among: `pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname = ${literal(schema)} AND p.proname = ${literal(proname)} AND p.prokind IN ('f', 'p') AND strpos(pg_get_functiondef(p.oid), ?) > 0`,
    }));
}

/** Views, defaults, policies and triggers, by the relation that they belong to. */
function relations({ catalog }: Scene): readonly Place[] {
  return catalog.relations
    .filter(({ platform }) => !platform)
    .flatMap(({ name, schema, relname, columns, policies, definition }): Place[] => {
      const mine = `pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace`;
      const here = `WHERE n.nspname = ${literal(schema)} AND c.relname = ${literal(relname)} AND`;
      const on = { kind: 'relation', name } as const;
      const rules = policyTexts(policies).join('\n');
      const triggers = catalog.triggers.filter(({ relation }) => relation === name);
      return [
        { ...on, text: definition ?? '', among: `${mine} ${here} strpos(pg_get_viewdef(c.oid), ?) > 0` },
        {
          ...on,
          text: columns.map((column) => column.default ?? '').join('\n'),
          among: `${mine} JOIN pg_attrdef AS d ON d.adrelid = c.oid ${here} strpos(pg_get_expr(d.adbin, c.oid), ?) > 0`,
        },
        {
          ...on,
          text: rules,
          among: `pg_policies WHERE schemaname = ${literal(schema)} AND tablename = ${literal(relname)} AND strpos(concat(qual, with_check), ?) > 0`,
        },
        {
          ...on,
          text: triggers.map((trigger) => trigger.definition).join('\n'),
          among: `${mine} JOIN pg_trigger AS t ON t.tgrelid = c.oid ${here} strpos(pg_get_triggerdef(t.oid), ?) > 0`,
        },
      ];
    });
}

/** Of roles and of the database. */
function settings({ catalog, source }: Scene): readonly Place[] {
  const among = `pg_db_role_setting WHERE strpos(array_to_string(setconfig, E'\\n'), ?) > 0`;
  const ofRoles = catalog.roles.flatMap((role) => role.settings.map((setting) => /^([^=]+)=(.*)$/s.exec(setting)));
  const said = source.filter(({ node }) => node === 'AlterDatabaseSetStmt');
  const ofDatabase = said.map(({ sql }) => /\bset\s+"?([\w.]+)"?\s*(?:=|to)\s*'([^']*)'/i.exec(sql));
  return [...ofRoles, ...ofDatabase].flatMap((found) => {
    const [, name = '', text = ''] = found ?? [];
    return name === '' ? [] : [{ kind: 'setting', name, text, among }];
  });
}

function comments({ source }: Scene): readonly Place[] {
  const among = 'pg_description WHERE strpos(description, ?) > 0';
  return source
    .filter(({ node }) => node === 'CommentStmt')
    .map(({ sql }) => ({ kind: 'database', name: 'comments', text: sql, among }));
}
