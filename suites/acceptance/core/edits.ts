/** Deliberate edits of the registry, the requirements, the guards and the tests, each with what must be said of it. */

import type { Registry } from './registry.ts';

interface Edit<Of, To> {
  readonly what: string;
  readonly edit: (of: Of) => To;
  readonly says: RegExp;
}

const first = 'core_accept_invite_v1';

/** The first RPC of the registry with some of it changed. */
function ofFirst(change: Partial<Registry['rpcs'][number]>): (registry: Registry) => Partial<Registry> {
  return ({ rpcs }) => ({ rpcs: rpcs.map((rpc) => (rpc.name === first ? { ...rpc, ...change } : rpc)) });
}

export const ofRegistry: readonly Edit<Registry, Partial<Registry>>[] = [
  {
    what: 'a value of an enum',
    edit: ({ enums }) => ({ enums: { ...enums, core_members_state: ['joined', 'invited'] } }),
    says: /^enums: core_members_state=/,
  },
  {
    what: 'a constant',
    edit: ({ constants }) => ({
      constants: { ...constants, limit_max: { value: 201, used_in: { 'core.timeline_refusal': 2 } } },
    }),
    says: /^constants: core.timeline_refusal says limit_max=201 0 times/,
  },
  {
    what: 'a limit',
    edit: ({ rate_limits_per_minute: all }) => ({ rate_limits_per_minute: { ...all, command_actor: 201 } }),
    says: /^settings: command_actor=201/,
  },
  { what: 'a setting', edit: () => ({ settings: { dm_self_allowed: 1 } }), says: /^settings: dm_self_allowed=1/ },
  {
    what: 'an RPC left out',
    edit: ({ rpcs }) => ({ rpcs: rpcs.slice(1) }),
    says: /^rpcs: core_accept_invite_v1\(.*\) by authenticated is not in the registry/,
  },
  {
    what: 'a role',
    edit: ofFirst({ role: 'anon' }),
    says: /^rpcs: core_accept_invite_v1\(.*\) by anon is in the registry alone/,
  },
  {
    what: 'arguments',
    edit: ofFirst({ arguments: 'p_invite uuid' }),
    says: /^rpcs: core_accept_invite_v1\(p_invite uuid\)/,
  },
  {
    what: 'a reply left out',
    edit: ofFirst({ done: ['invite_accepted'] }),
    says: /^replies: core_accept_invite_v1 does not document done already_member/,
  },
  {
    what: 'a reply made up',
    edit: ofFirst({ refused: ['no_mood'] }),
    says: /^replies: core_accept_invite_v1 documents refused no_mood and never/,
  },
  {
    what: 'a family left out',
    edit: ofFirst({ families: ['user', 'command'] }),
    says: /^replies: core_accept_invite_v1 does not document refused scope_read_only/,
  },
  {
    what: 'an excuse for nothing',
    edit: ofFirst({ unreachable: { 'refused no_mood': 'Never.' } }),
    says: /^replies: core_accept_invite_v1 excuses refused no_mood for nothing/,
  },
  {
    what: 'a family',
    edit: ({ families }) => ({
      families: { ...families, member: { given_by: 'core.member_refusal', refused: ['scope_not_found'] } },
    }),
    says: /^replies: the family member is not what core.member_refusal gives/,
  },
  {
    what: 'a guard left out',
    edit: ({ guards }) => ({ guards: guards.slice(1) }),
    says: /^triggers: core_events guard_events_immutable .* is not in the registry/,
  },
  {
    what: 'a condition left out',
    edit: ({ conditions }) => ({ conditions: conditions.slice(1) }),
    says: /^conditions: ack-bounded .* is not in the registry/,
  },
  {
    what: 'a watcher',
    edit: ({ conditions }) => ({ conditions: conditions.map((one) => ({ ...one, test: 'T-DM-01' })) }),
    says: /^watchers: T-DM-01 does not watch function public.core_ack_v1\(.*\): guard ack-bounded/,
  },
  {
    what: 'a control that answers nothing',
    edit: ({ controls }) => ({ controls: { ...controls, 'NEW-01': 'New.' } }),
    says: /^threats: no threat names control NEW-01/,
  },
  {
    what: 'an invariant left out',
    edit: ({ invariants: { SEQ: _, ...rest } }) => ({ invariants: rest }),
    says: /names the unknown invariant SEQ at/,
  },
  {
    what: 'a test left out',
    edit: ({ tests: { 'T-DM-01': _, ...rest } }) => ({ tests: rest }),
    says: /^requirements: T-DM-01 is not in the registry/,
  },
  {
    what: 'the guard of a test',
    edit: ({ tests }) => ({ tests: { ...tests, 'T-DM-01': { guard: 'none' } } }),
    says: /^guards of the tests: T-DM-01 does not watch none/,
  },
  {
    what: 'a letter left out',
    edit: ({ threats }) => ({ threats: { ...threats, stride: { ...threats.stride, core_ack_v1: {} } } }),
    says: /^stride: core_ack_v1 says nothing of S/,
  },
  {
    what: 'an empty reason',
    edit: ({ threats }) => ({
      threats: { ...threats, stride: { ...threats.stride, core_ack_v1: { S: { none: ' ' } } } },
    }),
    says: /^stride: core_ack_v1 has no reason at S/,
  },
];

export const ofRequirements: readonly Edit<string, string>[] = [
  {
    what: 'a line removed',
    edit: (page) => page.replace(/^- T-DM-01 .*\n/m, ''),
    says: /^requirements: T-DM-01 is in the registry alone/,
  },
  {
    what: 'a line renamed',
    edit: (page) => page.replace('- T-DM-01 ', '- T-DM-09 '),
    says: /^requirements: T-DM-09 is not in the registry/,
  },
  {
    what: 'a line written twice',
    edit: (page) => `${page}\n- T-DM-01 Again.\n`,
    says: /^requirements: T-DM-01 stands twice/,
  },
];

export const ofGuards: readonly Edit<string, string>[] = [
  {
    what: 'a guard exchanged',
    edit: (text) => text.replace('guard dm-self', 'guard replay'),
    says: /^guards of the tests: T-DM-SELF-01 does not watch /,
  },
  {
    what: 'an id left out',
    edit: (text) => text.replace(/ {2}T-DM-01:\n(?: {4}.*\n)+/, ''),
    says: /^guards of the tests: T-DM-01 is in the registry alone/,
  },
  {
    what: 'an id made up',
    edit: (text) => `${text}\n  T-DM-09:\n    guards: []\n`,
    says: /^guards of the tests: T-DM-09 is not in the registry/,
  },
];

export const ofTests: readonly Edit<string, string>[] = [
  {
    what: 'a test removed',
    edit: (text) => text.replaceAll("'T-BATCH-01 ", "'"),
    says: /^suites: no test has the id T-BATCH-01/,
  },
  {
    what: 'a test renamed',
    edit: (text) => text.replaceAll("'T-BATCH-01 ", "'T-BATCH-09 "),
    says: /^suites: a test has the id T-BATCH-09/,
  },
  {
    what: 'a test commented out',
    edit: (text) => text.replace(/^.*'T-BATCH-01 .*$/gm, '// $&'),
    says: /^suites: no test has the id T-BATCH-01/,
  },
  {
    what: 'a test of a table renamed',
    edit: (text) => text.replaceAll('$rpc refuses: $code', '$rpc says no'),
    says: /^suites: no test is called '\$rpc refuses: \$code'/,
  },
];
