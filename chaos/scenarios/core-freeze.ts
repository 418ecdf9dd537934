/** What must be true of writes that met a freeze, while it lasts and after it. */

import type { Session } from '../../fixtures/wire/session.ts';
import type { ScenarioStage } from '../scenario.ts';
import { type Answer, ask, differing, inWords } from './answers.ts';
import { type Arguments, key, probeOf } from './core.ts';
import { as, ids, message, rowsOf, send, setMode, statusOf } from './core-group.ts';

/** A write that waits for the group, and in the end what its sender was told. */
export interface Write {
  readonly name: string;
  readonly sender: Sender;
  readonly args: Arguments;
  readonly answer: Promise<Answer>;
}

type Sender = (typeof as)['ann' | 'bob' | 'cat'];

interface Met {
  readonly scope: string;
  readonly operator: Session;
  /** Under way when the freeze came. */
  readonly early: readonly Write[];
  /** Came while it was being done. */
  readonly late: readonly Write[];
}

export async function whileFrozen(stage: ScenarioStage, met: Met): Promise<void> {
  await wholeOrAbsent(stage, met);
  await answered(stage, met);
  await refused(stage, met);
  await backToNormal(stage, met);
}

const TORN = 'torn';
type There = 'there' | 'absent' | typeof TORN;

async function allOf(owner: Session, writes: readonly Write[]): Promise<readonly There[]> {
  const all: There[] = [];
  for (const write of writes) all.push(await thereOf(owner, write));
  return all;
}

/** Event and outcome of a write: both, none, or something else. */
async function thereOf(owner: Session, { args }: Write): Promise<There> {
  const { rows } = await owner.query(
    `SELECT (SELECT count(*) FROM public.core_events WHERE event_idempotency_key = $1)::int AS events,
       (SELECT count(*) FROM public.core_outcomes WHERE event_idempotency_key = $1)::int AS outcomes`,
    [args['p_key']],
  );
  const said = `${String(rows[0]?.['events'])} ${String(rows[0]?.['outcomes'])}`;
  return said === '1 1' ? 'there' : said === '0 0' ? 'absent' : TORN;
}

async function wholeOrAbsent({ db, claim }: ScenarioStage, { early, late }: Met): Promise<void> {
  const seen: string[] = [];
  const wrong: string[] = [];
  for (const write of [...early, ...late]) {
    const [answer, there] = [await write.answer, await thereOf(db.owner, write)];
    const says = `${write.name} of ${write.sender.name}: ${inWords(answer)}, ${there}`;
    const fits =
      (answer.ok === true && there === 'there') ||
      (answer.code === 'scope_read_only' && there === 'absent') ||
      (answer.lost !== undefined && there !== TORN);
    seen.push(says);
    if (!fits) wrong.push(says);
  }
  claim(
    'every write is there whole with its reply, or refused and absent',
    wrong.length === 0,
    (wrong.length > 0 ? wrong : seen).join('; '),
  );
  const [first] = early;
  const passed = first === undefined ? TORN : await thereOf(db.owner, first);
  claim('a write that had the group before the freeze is there', passed === 'there', passed);
  const slipped = (await allOf(db.owner, late)).filter((there) => there !== 'absent');
  claim(
    'nothing that came while the group was being frozen is written',
    slipped.length === 0,
    `${slipped.length} of ${late.length} were`,
  );
}

/** Status and reads, while the group is frozen. */
async function answered({ db, claim }: ScenarioStage, { scope, operator, early, late }: Met): Promise<void> {
  const wrong: string[] = [];
  for (const write of [...early, ...late]) {
    const [status, there] = [await ask(operator, statusOf(write.sender, write.args)), await thereOf(db.owner, write)];
    const says = there === 'there' ? 'outcome_found' : 'outcome_not_found';
    if (status.code !== says) wrong.push(`${write.name} of ${write.sender.name}: ${inWords(status)}, ${there}`);
  }
  claim(
    'meanwhile the status of each write is answered, and says what is stored',
    wrong.length === 0,
    wrong.join('; ') || `${early.length + late.length} asked`,
  );
  const timeline = await ask(operator, probeOf(as.bob, 'core_query_timeline_v1', { p_scope: scope }));
  const dialogs = await ask(operator, probeOf(as.bob, 'core_get_dialog_metadata_v1', { p_scopes: `{${scope}}` }));
  claim(
    'meanwhile reads go on',
    timeline.ok === true && dialogs.ok === true,
    `${inWords(timeline)}, ${inWords(dialogs)}`,
  );
}

/** Writes of every other kind. */
async function refused({ db, claim }: ScenarioStage, { scope, operator }: Met): Promise<void> {
  const p_scope = scope;
  const writes = [
    send(as.ann, message(scope, 'frozen')),
    send(as.ann, { ...message(scope, ''), p_command_type: 'message_edit', p_payload: { target_seq: 1, text: 'x' } }),
    probeOf(as.ann, 'core_invite_v1', { p_scope, p_user: ids.dan, p_key: key() }),
    probeOf(as.bob, 'core_ack_v1', { p_scope, p_delivered_seq: 1, p_read_seq: 1, p_key: key() }),
    probeOf(as.bob, 'core_change_membership_v1', { p_scope, p_user: ids.bob, p_action: 'leave', p_key: key() }),
  ];
  const before = await rowsOf(db.owner);
  const answers = [];
  for (const write of writes) answers.push(inWords(await ask(operator, write)));
  const changed = differing(before, await rowsOf(db.owner));
  claim(
    'writes of every kind are refused as scope_read_only',
    answers.every((code) => code === 'scope_read_only'),
    answers.join(', '),
  );
  claim('what is refused changes no row', changed.length === 0, changed.join(', ') || 'no table differs');
}

async function backToNormal({ db, tell, claim }: ScenarioStage, { scope, operator, early, late }: Met): Promise<void> {
  tell('operator', `back to normal: ${inWords(await ask(operator, setMode(scope, 'normal')))}`);
  const writes = [...early, ...late];
  const codes: string[] = [];
  for (const { sender, args } of writes) codes.push(inWords(await ask(operator, send(sender, args))));
  tell('clients', `send all of it again by the same keys: ${codes.join(', ')}`);
  const there = await allOf(db.owner, writes);
  claim(
    'afterwards each write, sent again, is there exactly once',
    there.every((one) => one === 'there'),
    there.join(', '),
  );
  const { rows } = await db.owner.query(
    `SELECT count(*)::int AS events, max(event_seq)::int AS last,
       (SELECT string_agg(DISTINCT last_event_seq::text, ', ') FROM public.core_projections) AS projected FROM public.core_events`,
  );
  const { events, last, projected } = rows[0] ?? {};
  const agrees = events === writes.length + 1 && last === events && projected === String(last);
  claim(
    'events are numbered without a gap, and the dialogs show the last',
    agrees,
    `${events} events up to ${last}, dialogs at ${projected}`,
  );
}
