/** A routine with a text of its own exchanged, for protections that no mutation operator removes. */

import { literal } from '../../fixtures/wire/escape.ts';

/**
 * One statement of the owner, which fails where the routine does not say `said`.
 * @param routine as `regprocedure` takes it, e.g. `core.write_refusal(text)`
 */
export function rewritten(routine: string, said: string, instead: string): string {
  return `
    DO $rewritten$
    DECLARE
      v_is CONSTANT text := pg_get_functiondef(${literal(routine)}::regprocedure);
    BEGIN
      IF position(${literal(said)} IN v_is) = 0 THEN
        RAISE EXCEPTION 'the routine does not say so';
      END IF;
      EXECUTE replace(v_is, ${literal(said)}, ${literal(instead)});
    END
    $rewritten$`;
}
