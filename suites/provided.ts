/** What every test may `inject` from the runner, and what it may leave in its meta for the reports. */

import type { ChaosNotes } from '../chaos/model.ts';
import type { Staging } from '../fixtures/model/project.ts';
import type { ServerAccess } from '../fixtures/model/server.ts';
import type { DoorNotes, TestNotes } from '../fixtures/model/summary.ts';
import type { Severity } from '../fixtures/model/verdict.ts';

declare module 'vitest' {
  interface ProvidedContext {
    server: ServerAccess;
    seed: number;
    /** Folder given as `PROJECT`; null in suites that bring their own projects. */
    project: string | null;
    /** How its migrations are applied. */
    staging: Staging;
    /** The least severity of a finding that fails its test. */
    failOn: Severity;
    /** Chaos: every cell of the sweep, not a sample. */
    full: boolean;
    /** Acceptance: by which way callers come in. */
    door: 'wire' | 'http';
  }
  interface TaskMeta {
    rowproof?: TestNotes;
    chaos?: ChaosNotes;
    door?: DoorNotes;
  }
}
