/** Signs in with addresses that only look like the ones which a policy or function lets in. */

import { claiming } from '../../fixtures/act/personas.ts';
import { askedFor } from '../../fixtures/engine/asked.ts';
import { isOwnTable, selectFor } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { judgeGained } from '../../fixtures/oracles/gained.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

export const attack: Attack = {
  id: 'read-claim-suffix-match',
  group: 'table read',
  severity: 'high',
  title: 'is let in with an address that only looks right',
  explains:
    'A match that is open at one end (LIKE ’%corp.test’, a regular expression without anchors) takes addresses of other domains. Whoever owns such a domain signs up with one.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: `CREATE POLICY "house" ON public.notes FOR SELECT TO authenticated USING (lower(auth.jwt() ->> 'email') LIKE '%acme.test');`,
      repair: `ALTER POLICY "house" ON public.notes USING (lower(auth.jwt() ->> 'email') LIKE '%@acme.test');`,
    },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: `
        CREATE FUNCTION public.works_here() RETURNS boolean STABLE SECURITY DEFINER SET search_path = '' LANGUAGE plpgsql AS $$
          DECLARE address text;
          BEGIN
            SELECT email INTO address FROM auth.users WHERE id = auth.uid();
            RETURN address ~* '@acme\\.test';
          END $$;
        CREATE POLICY "house" ON public.notes FOR SELECT TO authenticated USING (public.works_here());`,
      repair: `
        CREATE OR REPLACE FUNCTION public.works_here() RETURNS boolean STABLE SECURITY DEFINER SET search_path = '' LANGUAGE plpgsql AS $$
          DECLARE address text;
          BEGIN
            SELECT email INTO address FROM auth.users WHERE id = auth.uid();
            RETURN address ~* '@acme\\.test$';
          END $$;`,
    },
  ],
  *trials(scene) {
    const persona = scene.attackers.find(({ user }) => user !== null);
    if (scene.platform !== 'supabase' || !persona) return;
    for (const relation of scene.catalog.relations.filter(isOwnTable)) {
      const domains = domainsIn(askedFor(scene.catalog, relation, persona.role, 'select'));
      if (domains.length > 0) yield trial(scene, relation, persona, domains);
    }
  },
};

/** `corp.test` in `'%@corp.test'`, `'corp\.test$'`; only where an address is asked. */
function domainsIn(texts: readonly string[]): readonly string[] {
  const found = texts
    .filter((text) => /e_?mail/i.test(text))
    .flatMap((text) => [...text.matchAll(/'([^'\s]*?)'/g)].map(([, constant]) => (constant ?? '').replaceAll('\\', '')))
    .flatMap((constant) => /^[\^%.*]*@?((?:[a-z0-9-]+\.)+[a-z]{2,})[%$.*]*$/i.exec(constant)?.[1] ?? []);
  return [...new Set(found)].filter((domain) => !/^(request|app|auth|public)\./.test(domain));
}

function trial(scene: Scene, relation: Relation, persona: Persona, domains: readonly string[]): Trial {
  const sql = selectFor(scene.catalog, relation, persona);
  const addresses = domains.flatMap((domain) => [
    `x@evil${domain}`,
    `x@${domain}.evil.test`,
    `${domain}@evil.test`,
    `x@${domain.replace('.', 'x')}.test`,
  ]);
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'select' },
    persona,
    shape: 'watched',
    probes: [
      { persona, sql },
      ...addresses.map((address) => ({ persona: called(persona, address), sql, given: [account(persona, address)] })),
    ],
    judge: (observations) => {
      const shown = addresses.find(
        (_, at) => (observations[at + 1]?.rows.length ?? 0) > (observations[0]?.rows.length ?? 0),
      );
      return judgeGained(observations, {
        expected: `only addresses of ${domains.join(', ')} open ${relation.name}`,
        who: `${persona.name}, signed in as ${shown ?? addresses[0]},`,
        surface: relation.name,
      });
    },
  };
}

function called(persona: Persona, address: string): Persona {
  return claiming(persona, (token) => ({ ...token, email: address }));
}

function account(persona: Persona, address: string): string {
  return `UPDATE auth.users SET email = ${literal(address)} WHERE id = ${literal(persona.user)}`;
}
