/** What `--help` prints. */

export const HELP = `npm test                                         tidy, then acceptance and self
npm run test:acceptance [-- <filter>]            the two reference systems
npm run test:self [-- <filter>]                  Rowproof's own tests
npm run test:catalogue [-- <filter>]             the check on a catalogue of holes and their repairs
npm run test:chaos [-- <filter>]                 faults on the wire and in the server, against the reference systems
PROJECT=<folder> npm run test:attacks            every attack on your own project

A filter is a part of the path of a test file; \`-- -t <text>\` takes the tests whose name holds the text.

For the attacks, after \`--\` or as a variable:
  --to <version>          ROWPROOF_TO              migrate up to this version, not to the last
  --continue              ROWPROOF_CONTINUE=1      go on past migration files that fail; they are reported
  --platform <kind>       ROWPROOF_PLATFORM        supabase or plain; otherwise the project's files tell
  --default-grants <how>  ROWPROOF_DEFAULT_GRANTS  exposed or revoked: what the API's roles get on each new table
  --fail-on <severity>    ROWPROOF_FAIL_ON         least severity that fails: critical, high, medium (default), low
  --strict                ROWPROOF_STRICT=1        questions and unknowns end with exit code 1, too

For chaos, after \`--\`:
  --full                  every cell of the sweep, not a sample of them: some twenty minutes
  --verbose               the timeline of what is held, too

For every run:
  ROWPROOF_SEED      repeats a run; drawn and printed where it is not set, demanded in CI
  ROWPROOF_SERVER    embedded, container or external; \`npm run doctor -- --help\` says more
  ROWPROOF_WORKERS   test files at once, 2 where it is not set
  ROWPROOF_REPORTS   folder of junit.xml and chaos_report.json, reports/out where it is not set

Exit code: 0 clean, 1 findings or failed tests, 2 could not run, 130 or 143 interrupted.`;

/** Does anybody ask for help? */
export function asksForHelp(argv: readonly string[]): boolean {
  return argv.some((word) => word === '--help' || word === '-h');
}
