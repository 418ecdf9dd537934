/** House rules that no linter knows: each names what to do instead. */

export interface Ban {
  readonly name: string;
  /** Which paths it is about. */
  readonly paths: RegExp;
  readonly pattern: RegExp;
  readonly instead: string;
}

const code = /\.(ts|js)$/;
const tests = /\.test\.ts$/;
const anything = /./;

export const bans: readonly Ban[] = [
  { name: 'any', paths: code, pattern: /\bas any\b/, instead: 'name the type, or narrow `unknown`' },
  {
    name: 'silenced type error',
    paths: code,
    pattern: /@ts-(?:ignore|expect-error|nocheck)\b/,
    instead: 'make the types fit',
  },
  {
    name: 'test that does not run',
    paths: tests,
    pattern: /\b(?:it|test|describe|suite)\.(?:skip|only|todo|fails|skipIf|runIf)\b/,
    instead: 'finish the test, or remove it',
  },
  { name: 'retry', paths: code, pattern: /\bretry:(?! false)/, instead: 'find out why it fails at times' },
  {
    name: 'sleep',
    paths: tests,
    pattern: /\bsetTimeout\(\s*(?:resolve|done|r)\b|timers\/promises/,
    instead: 'wait for the event itself',
  },
  { name: 'left-over', paths: code, pattern: /\b(?:TODO|FIXME|XXX)\b/, instead: 'do it, or leave it out' },
  {
    name: 'path of one machine',
    paths: anything,
    pattern: /(?<![\w.}$])\/(?:home|root|Users|srv)\/\w/,
    instead: 'make the path relative to the project',
  },
  {
    name: 'test name that only says should',
    paths: tests,
    pattern: /\b(?:it|test)(?:\.\w+)?\(\s*['"`](?:T-[A-Z]+-\d+ )?should\b/,
    instead: 'write the sentence that is true when it passes',
  },
  {
    name: 'room without a purpose',
    paths: /(?:^|\/)(?:utils?|misc|common|helpers?)(?:\/|\.ts$)/,
    pattern: /^/,
    instead: 'name the file after what it does',
  },
  {
    name: 'other word',
    paths: code,
    pattern: /\b(?:white|black)-?lists?(?:ed)?\b/i,
    instead: 'say approved or refused, as the contract does',
  },
];

/** Files longer than this are two rooms in one. */
export const longestFile = 250;
