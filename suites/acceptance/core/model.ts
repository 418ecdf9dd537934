/** The rules of the platform core as a pure function: what a command answers and what state it leaves. */

import { type Command, type CommandOf, type Happening, isHappening, serviceCalls } from './model-commands.ts';
import { append, dialogs, status, timeline } from './model-events.ts';
import { answer, invite, membership } from './model-membership.ts';
import { approve, migrate, purge, rebuild, setMode, setting, sweep } from './model-operations.ts';
import { ack, missing } from './model-receipts.ts';
import { look } from './model-rows.ts';
import { createScope, directMessage, markLarge, updatePolicy } from './model-scopes.ts';
import { done, type Reply, type State } from './model-state.ts';

export type Step = readonly [Reply, State];

/** One command, one reply, the next state. A refusal changes nothing. */
export function step(state: State, command: Command): Step {
  if (!mayCall(command)) return [{ sqlstate: '42501' }, state];
  const draft = structuredClone(state);
  const reply = replyOf(draft, command);
  return [reply, reply['ok'] === true ? draft : state];
}

function mayCall(command: Command): boolean {
  if (isHappening(command) || command.do === 'look') return true;
  const isService = ['service', 'op1', 'op2'].includes(command.by);
  return command.by !== 'anon' && isService === serviceCalls.has(command.do);
}

function replyOf(state: State, command: Command): Reply {
  switch (command.do) {
    case 'createScope':
      return createScope(state, command);
    case 'dm':
      return directMessage(state, command);
    case 'append':
      return append(state, command);
    case 'timeline':
      return timeline(state, command);
    case 'dialogs':
      return dialogs(state, command);
    case 'status':
      return status(state, command);
    case 'invite':
      return invite(state, command);
    case 'accept':
    case 'reject':
      return answer(state, command);
    case 'member':
      return membership(state, command);
    case 'ack':
      return ack(state, command);
    case 'missing':
      return missing(state, command);
    case 'look':
      return look(state, command);
    default:
      return isHappening(command) ? happen(state, command) : operate(state, command);
  }
}

function operate(
  state: State,
  command: CommandOf<
    | ('policy' | 'large' | 'mode' | 'approve' | 'rebuild' | 'purge')
    | ('migrate' | 'expire' | 'archive' | 'purgeRates' | 'setting')
  >,
): Reply {
  switch (command.do) {
    case 'policy':
      return updatePolicy(state, command);
    case 'large':
      return markLarge(state, command);
    case 'mode':
      return setMode(state, command);
    case 'approve':
      return approve(state, command);
    case 'rebuild':
      return rebuild(state, command);
    case 'purge':
      return purge(state, command);
    case 'migrate':
      return migrate(state, command);
    case 'setting':
      return setting(state, command);
    default:
      return sweep(state, command);
  }
}

function happen(state: State, command: Happening): Reply {
  switch (command.do) {
    case 'hourPasses':
      for (const action of state.actions) action.recent = false;
      break;
    case 'invitesRunOut':
      for (const one of state.invites) if (one.status === 'pending') one.overdue = true;
      break;
    case 'yearsPass':
      for (const outcome of state.outcomes) if (outcome.tier === 'hot') outcome.old = true;
      break;
    case 'archiveStops':
    case 'archiveAnswers':
      state.archive = command.do === 'archiveAnswers';
      break;
    case 'daysPass':
      for (const scope of state.scopes)
        if (scope.name === command.scope) for (const event of scope.events) event.age += command.days;
      break;
    case 'crowdComes':
      for (const scope of state.scopes)
        if (scope.name === command.scope)
          scope.crowd =
            command.size - Object.values(scope.members).filter((member) => member.state === 'joined').length;
      break;
  }
  return done('happened');
}
