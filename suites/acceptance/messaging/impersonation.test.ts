/** Nobody acts as somebody else: every identity argument, by everybody who is not that person. */

import { describe, expect, it } from 'vitest';
import { anon, noSub } from '../../../fixtures/act/personas.ts';
import type { Persona } from '../../../fixtures/model/persona.ts';
import { fileLab } from '../../file-lab.ts';
import { type Impersonation, impersonations } from './impersonations.ts';
import { as, call, untouched } from './scene.ts';

const lab = fileLab();
const unchanged = untouched(lab);

interface Attacker {
  readonly id: string;
  readonly who: string;
  readonly persona: (victim: Impersonation) => Persona;
}

const attackers: readonly Attacker[] = [
  { id: 'T-MSG-17', who: 'the other participant', persona: ({ partner }) => as[partner] },
  { id: 'T-MSG-18', who: 'a stranger', persona: () => as.stranger },
  { id: 'T-MSG-18', who: 'the helper of another conversation', persona: () => as.other },
  { id: 'T-MSG-20', who: 'a signed-in caller without sub', persona: noSub },
  {
    id: 'T-MSG-20',
    who: 'a signed-in caller without any claims',
    persona: () => ({ ...noSub(), settings: [{ name: 'request.jwt.claims', value: '' }] }),
  },
];

describe('impersonation', () => {
  const cases = attackers.flatMap((attacker) =>
    impersonations.map((victim) => ({ ...attacker, victim, name: victim.name })),
  );
  it.each(cases)('$id $who is refused $name', ({ persona, victim }) =>
    unchanged(async (scene) => {
      expect(await call(scene, persona(victim), victim.routine, victim.args)).toEqual(victim.refusal);
    }),
  );

  it.each(impersonations)('T-MSG-19 the anonymous caller is refused $name', ({ routine, args }) =>
    unchanged(async (scene) => {
      expect(await call(scene, anon(), routine, args)).toEqual({ sqlstate: '42501' });
    }),
  );

  const callers = {
    'the rightful user': as.helper,
    'a stranger': as.stranger,
    'a caller without sub': noSub(),
  } as const;
  const nulls = Object.entries(callers).flatMap(([who, persona]) =>
    impersonations.map((victim) => ({ who, persona, victim, name: victim.name, argument: victim.identity })),
  );
  it.each(nulls)('T-MSG-21 NULL as $argument by $who is refused $name', ({ persona, victim }) =>
    unchanged(async (scene) => {
      const reply = await call(scene, persona, victim.routine, { ...victim.args, [victim.identity]: null });
      expect(reply).toEqual(victim.refusal);
    }),
  );

  it.each(impersonations)(
    'T-MSG-21 NULL as $identity by the anonymous caller is refused $name',
    ({ routine, args, identity }) =>
      unchanged(async (scene) => {
        expect(await call(scene, anon(), routine, { ...args, [identity]: null })).toEqual({ sqlstate: '42501' });
      }),
  );
});
