/** Oracles by table: what a refusal means, which verdict outranks which, whom a row concerns, and what a reply tells. */

import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { outcomeOf } from '../../fixtures/oracles/outcome.ts';
import { concerns } from '../../fixtures/oracles/ownership.ts';
import { judgeCanaries, judgeTableRead, marksIn } from '../../fixtures/oracles/reading.ts';
import { judgeCalls, judgeEach, worstOf } from '../../fixtures/oracles/trial.ts';
import { nobody, ownerA, ownerB, ROWS, sceneOf, seen, TEAM_B } from './oracles-scene.ts';

const HELD: Verdict = { state: 'held' };
const BROKEN: Verdict = { state: 'broken', expected: 'e', observed: 'o', columns: [] };
const QUESTION: Verdict = { state: 'question', observed: 'q', columns: [] };
const UNKNOWN: Verdict = { state: 'unknown', reason: 'r' };

describe('the outcome of a reply', () => {
  test.each([
    [undefined, 'done'],
    ['42501', 'refused'],
    ['44000', 'refused'],
    ['P0001', 'refused'],
    ['28000', 'refused'],
    ['PT403', 'refused'],
    ['42P17', 'defect'],
    ['42883', 'defect'],
    ['428C9', 'inconclusive'],
    ['23505', 'inconclusive'],
    ['22P02', 'inconclusive'],
    ['XX000', 'harness'],
    ['57P01', 'harness'],
    ['53100', 'harness'],
    ['08006', 'harness'],
  ])('%s is %s', (error, outcome) => {
    expect(outcomeOf(seen(ownerA, error === undefined ? {} : { error }))).toBe(outcome);
  });
});

describe('the worst of several verdicts', () => {
  test.each([
    ['broken before unknown', [UNKNOWN, BROKEN], 'broken'],
    ['unknown before question', [QUESTION, UNKNOWN], 'unknown'],
    ['question before held', [HELD, QUESTION], 'question'],
    ['held alone', [HELD, HELD], 'held'],
    ['nothing at all is unknown', [], 'unknown'],
  ] as const)('%s', (_, verdicts, state) => {
    expect(worstOf(verdicts).state).toBe(state);
  });
});

describe('several observations', () => {
  const judge = () => HELD;
  test('decide nothing where a constraint stopped every one', () => {
    expect(judgeEach([seen(ownerA, { error: '23505' })], judge).state).toBe('unknown');
  });

  test('hold where one was refused and another stopped by a constraint', () => {
    expect(judgeEach([seen(ownerA, { error: '23505' }), seen(ownerA, { error: '42501' })], judge).state).toBe('held');
  });

  test('are unknown where a policy recurses', () => {
    expect(judgeEach([seen(ownerA), seen(ownerA, { error: '42P17' })], judge).state).toBe('unknown');
  });

  test('hold for a caller without an id whom the cast of an empty claim stops, not for one with an id', () => {
    expect(judgeEach([seen(nobody, { error: '22P02' })], judge).state).toBe('held');
    expect(judgeEach([seen(ownerA, { error: '22P02' })], judge).state).toBe('unknown');
  });

  test('name the one that broke', () => {
    expect(judgeEach([seen(ownerA), seen(ownerB)], ({ probe }) => (probe.persona === ownerB ? BROKEN : HELD))).toEqual({
      ...BROKEN,
      at: 1,
    });
  });

  test('of calls hold with any error but one of the server', () => {
    expect(judgeCalls([seen(ownerA, { error: '23505' })], judge).state).toBe('held');
    expect(judgeCalls([seen(ownerA, { error: 'XX000' })], judge).state).toBe('unknown');
  });
});

test.each([
  ['a row of their own', ROWS.noteA, ownerA, true],
  ['a row of somebody else', ROWS.noteB, ownerA, false],
  ['a shared row', ROWS.label, ownerA, true],
  ['a shared row that names another', { ...ROWS.label, related: ROWS.noteB.related }, ownerA, true],
  ['a row of somebody, to nobody', ROWS.noteA, nobody, false],
  ['an ownerless row', { ...ROWS.label, variant: 'ownerless' as const }, ownerA, false],
  ['a row without any people', { ...ROWS.label, variant: 'seed' as const }, nobody, true],
] as const)('%s', (_, row, persona, concerned) => {
  expect(concerns(row, persona)).toBe(concerned);
});

test.each([
  ['cnry_a_lead_notes_body_ghjkmnp', ['ghjkmnp']],
  ['CNRY-GHJKMNP and cnry_pnmkjhg', ['ghjkmnp', 'pnmkjhg']],
  ['ghjkmnp ghjkmnp', ['ghjkmnp']],
  ['ghjkmn', []],
  ['aaaaaaaa-0000-4000-8000-000000000000', []],
])('the marks in %s', (text, marks) => {
  expect(marksIn(text)).toEqual(marks);
});

describe('a reply', () => {
  const notes = sceneOf().catalog.relations.find(({ relname }) => relname === 'notes');
  if (!notes) throw new RangeError('the scene has notes');
  const reply = { columns: ['id', 'body'], rows: [['2', 'cnry_note_xwvtsrq']] };
  const view = { kind: 'relation', name: 'public.board', verb: 'select' } as const;

  test('of a table that holds a foreign row is broken, for its owner it is not', () => {
    expect(judgeTableRead(sceneOf(), notes, seen(ownerA, reply)).state).toBe('broken');
    expect(judgeTableRead(sceneOf(), notes, seen(ownerB, reply)).state).toBe('held');
  });

  test('of a table whose row a policy publishes is a question', () => {
    expect(judgeTableRead(sceneOf({ published: [ROWS.noteB] }), notes, seen(ownerA, reply)).state).toBe('question');
  });

  test('that the contract approves holds', () => {
    const flow = { surface: 'public.notes', relation: 'stranger', verb: 'select', columns: null } as const;
    const contract = { version: 1, flows: [flow], examples: [], waivers: [] } as const;
    expect(judgeTableRead(sceneOf({ contract }), notes, seen(ownerA, reply)).state).toBe('held');
  });

  test('of nobody’s rows that hold copies of a foreign text is broken', () => {
    const trail = sceneOf().catalog.relations.find(({ relname }) => relname === 'labels');
    const copy = { columns: ['id', 'name'], rows: [['9', '{"body": "cnry_note_xwvtsrq"}']] };
    if (!trail) throw new RangeError('the scene has labels');
    expect(judgeTableRead(sceneOf(), trail, seen(ownerA, copy)).state).toBe('broken');
    expect(judgeTableRead(sceneOf({ readable: [ROWS.noteB] }), trail, seen(ownerA, copy)).state).toBe('held');
  });

  test('of a view tells by a mark, by an error, and by a key', () => {
    const shown = seen(ownerA, { rows: [['CNRY XWVTSRQ']] });
    const error = seen(ownerA, { error: '23505', message: 'Key (body)=(cnry_note_xwvtsrq) exists' });
    const key = seen(ownerA, { rows: [[TEAM_B]] });
    for (const one of [shown, error, key]) expect(judgeCanaries(sceneOf(), view, one).state).toBe('broken');
  });

  test('of a view says nothing new of what may be read, was said in the statement, or is one’s own', () => {
    const shown = seen(ownerA, { rows: [['cnry_note_xwvtsrq']] });
    expect(judgeCanaries(sceneOf({ readable: [ROWS.noteB] }), view, shown).state).toBe('held');
    const echoed = seen(ownerA, { rows: [[TEAM_B]], sql: `SELECT '${TEAM_B}'` });
    expect(judgeCanaries(sceneOf(), view, echoed).state).toBe('held');
    expect(judgeCanaries(sceneOf(), view, seen(ownerA, { rows: [['cnry_note_qrstvwx']] })).state).toBe('held');
  });
});
