/** Reads columns that are personal or secret by name, where a policy publishes every row of a table of people. */

import { select } from '../../fixtures/act/sql.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import { approves } from '../../fixtures/model/approval.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Policy, Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Severity, Verdict } from '../../fixtures/model/verdict.ts';
import type { WorldRow } from '../../fixtures/model/world.ts';
import { unique } from '../../fixtures/oracles/ownership.ts';
import { holdsKey, rowsShown } from '../../fixtures/oracles/reading.ts';
import { judgeEach } from '../../fixtures/oracles/trial.ts';

const PEOPLE = `
CREATE TABLE public.people (
  id uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
  nickname text NOT NULL,
  email text NOT NULL,
  phone text
);
ALTER TABLE public.people ENABLE ROW LEVEL SECURITY;
CREATE POLICY "People are viewable by everyone" ON public.people FOR SELECT USING (true);`;

export const attack: Attack = {
  id: 'read-personal-columns',
  group: 'table read',
  severity: 'medium',
  title: 'reads personal data of everybody',
  explains:
    'A table with a row for each person may be public, but hardly its addresses, telephone numbers and tokens: USING (true) opens every column that is granted. What signed-in people show each other is left as a question, secrets are not.',
  plants: [
    {
      platform: 'supabase',
      base: '',
      plant: PEOPLE,
      repair:
        'REVOKE SELECT ON public.people FROM anon, authenticated; GRANT SELECT (id, nickname) ON public.people TO anon, authenticated;',
    },
    {
      platform: 'supabase',
      base: `${PEOPLE} ALTER TABLE public.people DROP COLUMN email, DROP COLUMN phone;`,
      plant: 'ALTER TABLE public.people ADD COLUMN calendar_access_token text;',
      repair: 'ALTER POLICY "People are viewable by everyone" ON public.people USING (id = auth.uid());',
    },
    {
      platform: 'supabase',
      base: `
        CREATE TABLE public.guest_list_invites (
          id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
          host_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
          guest_name text NOT NULL,
          token text NOT NULL DEFAULT md5(random()::text)
        );
        ALTER TABLE public.guest_list_invites ENABLE ROW LEVEL SECURITY;`,
      plant: 'CREATE POLICY "Guests look up their invite" ON public.guest_list_invites FOR SELECT USING (true);',
      repair: 'ALTER POLICY "Guests look up their invite" ON public.guest_list_invites USING (host_id = auth.uid());',
    },
  ],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter((one) => isOwnTable(one) && one.policies.some(opensAll))) {
      for (const persona of scene.attackers.filter(
        ({ role, user }) => role === 'anon' || user === scene.world.stranger,
      )) {
        const granted = columnsWith(scene.catalog, relation, persona.role, 'SELECT');
        const secrets = granted.filter((column) => SECRET.test(column) || isDrawn(relation, column));
        const personal = persona.role === 'anon' && isOfPeople(scene, relation) ? granted.filter(isPersonal) : [];
        const columns = unique([...secrets, ...personal]);
        if (columns.length > 0)
          yield trial(scene, relation, persona, granted, columns, secrets.length > 0 ? 'high' : 'medium');
      }
    }
  },
};

function opensAll({ permissive, command, using }: Policy): boolean {
  return permissive && ['select', 'all'].includes(command) && using !== null && UNCONDITIONAL.test(using);
}

const UNCONDITIONAL =
  /^\(*(true|(\( *SELECT )?auth\.(uid|role)\(\)( AS \w+\))? *(IS NOT NULL|= 'authenticated'::text))\)*$/i;

/** Nobody shows these to others, whoever they are. */
const SECRET =
  /(^|_)(password|passwd|secret|api_?key|private_?key|(access|refresh|auth|bearer|session|reset|verification|calendar|oauth)_?token|otp|totp|ssn|social_security(_number)?|national_id|passport(_number|_no)?|iban|bank_account(_number)?|card_number|cvv|cvc)(_hash|_secret|_encrypted)?$/i;

/** A token that is drawn by chance lets in who knows it. */
function isDrawn({ columns }: Relation, name: string): boolean {
  const text = columns.find((column) => column.name === name)?.default ?? '';
  return (
    /(^|_)(token|secret|passcode|magic_link|invite_code|access_code|pin)$/i.test(name) && /random|uuid/i.test(text)
  );
}

const PERSONAL =
  /(^|_)(e_?mail|phone|mobile|telephone|whatsapp|street|address(_?line)?_?\d?|home_address|date_of_birth|birth_?date|birthday|dob|salary|income|diagnos[ie]s|medical_history|allergies|ip_address|last_ip|stripe_customer_id)(_address|_number)?$/i;

function isPersonal(column: string): boolean {
  return PERSONAL.test(column) && !/public|support|contact_form|verified|confirmed|notif/i.test(column);
}

const PERSONS =
  /(^|_)(profiles?|users?|members?|people|persons?|customers?|clients?|patients?|employees?|staff|students?|teachers?|contacts?|leads?|subscribers?|subscriptions?|accounts?|attendees?|applicants?|candidates?|drivers?|waitlist|invit(es?|ations?)|orders?|bookings?|reservations?|appointments?|invoices?|registrations?|submissions?|inquiries|enquiries|donations?)$/i;

/** A table whose key is a person, or that is called after people. */
function isOfPeople({ world }: Scene, { name, relname, constraints }: Relation): boolean {
  const identity = (world.identity.get(name) ?? []).map(({ column }) => column);
  const key = constraints.find(({ kind }) => kind === 'primary')?.columns ?? [];
  return PERSONS.test(relname) || (key.length === 1 && identity.includes(key[0] ?? ''));
}

function trial(
  scene: Scene,
  relation: Relation,
  persona: Persona,
  granted: readonly string[],
  columns: readonly string[],
  severity: Severity,
): Trial {
  const key = relation.constraints.find(({ kind }) => kind === 'primary')?.columns ?? [];
  const shown = granted.filter((column) => key.includes(column) || columns.includes(column));
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'select' },
    persona,
    shape: 'rolled back',
    probes: [{ persona, sql: select(relation, shown) }],
    judge: (observations) =>
      judgeEach(observations, (observation) => judge(scene, relation, columns, severity, observation)),
  };
}

const GUESTS =
  /(^|_)(customers?|clients?|patients?|contacts?_.*|leads?|subscribers?|attendees?|applicants?|candidates?|waitlist|invit(es?|ations?)|orders?|bookings?|reservations?|appointments?|registrations?|submissions?|inquiries|enquiries|donations?)$/i;

/** Who orders or writes without an account is somebody, too. */
function guests(
  { world }: Scene,
  { name, relname }: Relation,
  { columns, rows }: Observation,
): readonly { row: WorldRow }[] {
  const made = world.rows.filter(({ relation }) => relation === name);
  if (!GUESTS.test(relname) || made.some(({ related }) => related.length > 0)) return [];
  return made.filter((row) => rows.some((cells) => holdsKey(row, columns, cells))).map((row) => ({ row }));
}

function judge(
  scene: Scene,
  relation: Relation,
  columns: readonly string[],
  severity: Severity,
  observation: Observation,
): Verdict {
  const { persona } = observation.probe;
  const open = columns.filter(
    (column) => !approves(scene.contract, { relation: relation.name, persona, verb: 'select', column }),
  );
  const sightings = [...rowsShown(scene, relation, observation), ...guests(scene, relation, observation)];
  const seen = open.filter((column) => sightings.some(({ row }) => (row.values[column] ?? null) !== null));
  if (seen.length === 0) return { state: 'held' };
  const rows = unique(sightings.map(({ row }) => row)).length;
  return {
    state: 'broken',
    expected: `${persona.name} reads no ${seen.join(', ')} of other people`,
    observed: `${persona.name} read ${seen.join(', ')} of ${rows} ${rows === 1 ? 'row' : 'rows'} of ${relation.name} that are somebody else’s`,
    columns: seen.map((column) => `${relation.name}.${column}`),
    severity,
  };
}
