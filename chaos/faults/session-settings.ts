/** Settings that the client's sessions start with, by no doing of the client's. */

import { ident, literal } from '../../fixtures/wire/escape.ts';
import type { Healing } from './fault.ts';
import type { Field } from './field.ts';

/** Gives each new session of the login role in this database the settings; others have theirs. */
export async function startWith(
  { access, db, owner }: Field,
  settings: Readonly<Record<string, string>>,
): Promise<Healing> {
  const role = `ALTER ROLE ${ident(access.login.user)} IN DATABASE ${ident(db.name)}`;
  const names = Object.keys(settings);
  await owner.script(names.map((name) => `${role} SET ${name} = ${literal(settings[name] ?? '')}`).join(';\n'));
  return async () => {
    await owner.script(names.map((name) => `${role} RESET ${name}`).join(';\n'));
  };
}
