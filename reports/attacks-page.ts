/** `docs/attacks.md`: what each attack tries, from its own words. */

import type { Attack, AttackGroup } from '../fixtures/model/attack.ts';

const TITLES: { readonly [group in AttackGroup]: string } = {
  'table read': 'Table read',
  'table write': 'Table write',
  rpc: 'RPC',
  view: 'Views',
  sequence: 'Sequences',
  function: 'Functions and search_path',
  grant: 'Grants and roles',
  session: 'Session and pooling',
  trigger: 'Triggers',
  'side channel': 'Side channels',
  race: 'Races',
  migration: 'Migrations',
  platform: 'Platform',
  'front door': 'Front door: requests over HTTP',
  contract: 'The contract',
};

/** The whole page; the same attacks give the same page. */
export function attacksPage(attacks: readonly Attack[]): string {
  const groups = Object.entries(TITLES).flatMap(([group, title]) => {
    const members = attacks.filter((attack) => attack.group === group);
    return members.length === 0 ? [] : [`## ${title}`, '', ...members.flatMap(entry)];
  });
  return [
    '# Attacks',
    '',
    '<!-- Made by `npm run docs` from suites/attacks; do not edit. -->',
    '',
    `${attacks.length} attacks. Each is one file in \`suites/attacks\` with a planted hole that it must find and a repair on`,
    'which it must be silent. `npm run check -- <folder> --only <id>` runs one of them.',
    '',
    ...groups,
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function entry({ id, severity, reachable, title, explains }: Attack): readonly string[] {
  const reach = reachable === 'database_only' ? ', needs a database connection of one’s own' : '';
  return [`**${id}** (${severity}${reach}): a caller ${title}. ${explains}`, ''];
}
