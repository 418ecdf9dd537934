/** What anybody may try against the platform core, said in the model's names. */

import type { Table } from './model-rows.ts';
import type { Caller, InviteName, Key, Person, Policy, Role, ScopeName } from './model-state.ts';

/** Reasons by name: what is said, and the code by which it is refused. */
export const reasons = {
  good: { code: 'user_request', text: null, refused: null },
  why: { code: 'other', text: 'kept advertising', refused: null },
  none: { code: null, text: null, refused: 'reason_code_invalid' },
  unknown: { code: 'because', text: null, refused: 'reason_code_invalid' },
  silent: { code: 'other', text: '  ', refused: 'reason_text_required' },
  long: { code: 'legal_request', text: 'x'.repeat(501), refused: 'reason_text_too_long' },
  mail: { code: 'abuse_spam', text: 'wrote to jane@example.org', refused: 'reason_text_personal_data' },
  phone: { code: 'other', text: 'call +44 20 7946 0958', refused: 'reason_text_personal_data' },
} as const;
export type ReasonName = keyof typeof reasons;

export const eventTypes = [
  'message_send',
  'message_edit',
  'message_delete',
  'reaction_add',
  'reaction_remove',
] as const;

/** Of an event, or one of three that are none. */
export type Payload =
  | 'null'
  | 'list'
  | 'huge'
  | { readonly body: string; readonly target?: number; readonly reason?: ReasonName };

interface Of {
  readonly by: Caller;
}
interface Keyed extends Of {
  readonly key: Key;
}
interface Administrative extends Keyed {
  readonly reason: ReasonName;
}

interface Batched extends Keyed {
  readonly batch: number | null;
}

export type Command =
  | (Keyed & { readonly do: 'createScope'; readonly type: string; readonly policy: Policy })
  | (Of & { readonly do: 'dm'; readonly other: Person | 'noone'; readonly key: Key | null })
  | (Keyed & {
      readonly do: 'append';
      readonly scope: ScopeName;
      readonly type: string;
      readonly payload: Payload;
      /** The same JSON in other words: names in another order, 1.0 for 1. */
      readonly reworded?: boolean;
      /** Seconds by which the client's clock is off. */
      readonly clock: number | 'none' | 'infinity';
      readonly trace?: 'long';
    })
  | (Of & {
      readonly do: 'timeline';
      readonly scope: ScopeName;
      readonly after: number | null;
      readonly limit: number | null;
      readonly lookback: number | null;
    })
  /** `many`: so many ids of no scope besides. */
  | (Of & { readonly do: 'dialogs'; readonly scopes: readonly ScopeName[]; readonly many?: number })
  | (Keyed & { readonly do: 'status'; readonly scope: ScopeName | null; readonly command: string })
  | (Keyed & { readonly do: 'invite'; readonly scope: ScopeName; readonly user: Person | 'noone' })
  | (Keyed & { readonly do: 'accept' | 'reject'; readonly invite: InviteName })
  | (Administrative & {
      readonly do: 'member';
      readonly scope: ScopeName;
      readonly user: Person | 'noone';
      readonly action: string;
      readonly role: Role | 'king' | null;
    })
  | (Keyed & {
      readonly do: 'ack';
      readonly scope: ScopeName;
      readonly delivered: number | null;
      readonly read: number | null;
    })
  | (Keyed & {
      readonly do: 'missing';
      readonly scope: ScopeName;
      readonly ranges: readonly (readonly number[])[] | null;
    })
  | (Administrative & {
      readonly do: 'policy';
      readonly scope: ScopeName;
      readonly policy: Policy;
      /** `seven`, `nine`: how many fields are sent. */
      readonly as: 'eight' | 'seven' | 'nine' | 'wrongHash';
    })
  | (Administrative & { readonly do: 'large'; readonly scope: ScopeName; readonly large: boolean | null })
  | (Administrative & { readonly do: 'mode'; readonly scope: ScopeName; readonly mode: string })
  | (Administrative & { readonly do: 'approve'; readonly scope: ScopeName; readonly mode: string })
  | (Batched & { readonly do: 'rebuild'; readonly scope: ScopeName })
  | (Batched & { readonly do: 'purge'; readonly scope: ScopeName })
  | (Batched & { readonly do: 'migrate'; readonly scope: ScopeName; readonly migration: string })
  | (Batched & { readonly do: 'expire' | 'archive' | 'purgeRates' })
  | (Administrative & { readonly do: 'setting'; readonly name: string; readonly value: number | null })
  /** A SELECT; `column`: of one that the timeline alone tells. */
  | (Of & { readonly do: 'look'; readonly table: Table; readonly column?: 'payload' })
  | Happening;

/** What nobody does, and what happens all the same: rows of the database are moved. */
export type Happening =
  | { readonly do: 'hourPasses' }
  | { readonly do: 'invitesRunOut' }
  | { readonly do: 'yearsPass' }
  /** Nobody asks the archive any more: it has not answered, or it does again. */
  | { readonly do: 'archiveStops' | 'archiveAnswers' }
  | { readonly do: 'daysPass'; readonly scope: ScopeName; readonly days: number }
  | { readonly do: 'crowdComes'; readonly scope: ScopeName; readonly size: number };

/** What somebody does. */
export type Called = Exclude<Command, Happening>;
export type Doing = Command['do'];
export type CommandOf<D extends Doing> = Extract<Command, { readonly do: D }>;

/** The service's calls; all other calls are a user's. */
export const serviceCalls: ReadonlySet<string> = new Set<Doing>([
  ...(['policy', 'large', 'mode', 'approve', 'rebuild', 'purge', 'migrate'] as const),
  ...(['expire', 'archive', 'purgeRates', 'setting'] as const),
]);

const happenings: ReadonlySet<string> = new Set<Doing>([
  ...(['hourPasses', 'invitesRunOut', 'yearsPass', 'daysPass', 'crowdComes'] as const),
  ...(['archiveStops', 'archiveAnswers'] as const),
]);

export function isHappening(command: Command): command is Happening {
  return happenings.has(command.do);
}
