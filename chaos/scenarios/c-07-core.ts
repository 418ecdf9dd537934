/** C-07 on Platform core: a group is frozen while writes to it are under way, some of them by lines that break. */

import { base, Faker } from '@faker-js/faker';
import { become } from '../../fixtures/act/act.ts';
import { waitsOrEnds } from '../../fixtures/act/during.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import { openSession, type Session } from '../../fixtures/wire/session.ts';
import { networkFaults } from '../faults/network.ts';
import type { Line } from '../line.ts';
import type { Scenario, ScenarioStage } from '../scenario.ts';
import { type Answer, ask, inWords, must } from './answers.ts';
import { type Write, whileFrozen } from './core-freeze.ts';
import { as, message, openGroup, send, setMode } from './core-group.ts';
import { gone } from './interruption.ts';

const LOCKED = 'function core.locked_scope(core.command): FROM public.core_scopes AS scope FOR NO KEY UPDATE';
/** Milliseconds until a client gives up. */
const PATIENCE = 2_500;
/** What takes the reply of a write that waits, or makes it late. */
const BLOWS = ['timeout:downstream', 'limit_data:downstream', 'latency:downstream', 'bandwidth:downstream', 'down'];

export const scenario: Scenario = {
  id: 'C-07',
  title: 'maintenance in mid-write',
  system: 'core',
  kind: 'blocking',
  mustHold: 'A write is there whole, or it is refused and nothing of it is there; its status is answered meanwhile.',
  protections: [
    { id: 'a frozen group is not written to', guards: ['function core.write_refusal(text): guard writes-open'] },
    { id: 'a write looks at the mode with the group locked', guards: [LOCKED] },
  ],
  run,
};

async function run(stage: ScenarioStage): Promise<void> {
  const { db, seed, line, tell } = stage;
  const operator = await db.connect();
  const scope = await openGroup(db, operator);
  await must(operator, send(as.ann, message(scope, 'before')));
  const [first, second] = new Faker({ locale: base, seed }).helpers.shuffle(
    networkFaults.filter(({ id }) => BLOWS.includes(id)),
  );
  if (first === undefined || second === undefined) throw new Error('there are no faults to strike with');

  const [other, holder, freeze] = [await stage.open(), await db.connectAsOwner(), await db.connect()];
  await holder.script(`BEGIN; SELECT 1 FROM public.core_scopes WHERE id = ${literal(scope)} FOR UPDATE`);
  tell('owner', 'holds the group');
  const early = await waiting(stage, scope, 'early', line);
  const frozen = begun(freeze, scope);
  await waitsOrEnds({ owner: db.owner, caller: freeze, db }, frozen);
  tell('operator', 'freezes the group, behind three writes');
  const healFirst = await stage.strike(first, line);
  await holder.script('ROLLBACK');
  tell('operator', `the freeze is ${inWords(await frozen)}, and not yet committed`);
  const late = await waiting(stage, scope, 'late', other);
  const healSecond = await stage.strike(second, other);
  await freeze.query('COMMIT');
  tell('operator', 'the freeze is committed');

  const writes = [...early.writes, ...late.writes];
  for (const { name, sender, answer } of writes)
    tell(`client ${sender.name}`, `${name} write: ${inWords(await answer)}`);
  await gone(line, db.owner, early.byLine);
  await gone(other, db.owner, late.byLine);
  await healFirst();
  await healSecond();
  await whileFrozen(stage, { scope, operator, early: early.writes, late: late.writes });
}

/** Three writes that are seen waiting for the group, the first of them by the line. */
async function waiting({ db }: ScenarioStage, scope: string, name: string, line: Line) {
  const byLine = await openSession(line.access, { database: db.name, as: 'login', answerTimeout: PATIENCE });
  const sessions = [byLine, await db.connect(), await db.connect()];
  const writes: Write[] = [];
  for (const [at, sender] of [as.ann, as.bob, as.cat].entries()) {
    const session = sessions[at] ?? byLine;
    const args = message(scope, `${name} ${at + 1}`);
    const answer = ask(session, send(sender, args));
    await waitsOrEnds({ owner: db.owner, caller: session, db }, answer);
    writes.push({ name, sender, args, answer });
  }
  return { writes, byLine };
}

/** The freeze without its COMMIT: whoever comes now waits for it. */
async function begun(session: Session, scope: string): Promise<Answer> {
  const { persona, sql } = setMode(scope, 'write_freeze');
  const results = await session.script(['BEGIN', ...become(persona), sql].join(';\n'));
  return (results.at(-1)?.rows[0]?.['reply'] ?? {}) as Answer;
}
