/** How the tables of refusals are written: a call that would succeed, and what makes each variant of it fail. */

import { expect } from 'vitest';
import type { Persona } from '../../../fixtures/model/persona.ts';
import type { Ground } from './ground.ts';
import { call, key, type Row, unchanged } from './scene.ts';
import type { Arguments } from './statements.ts';

export interface Refusal {
  readonly rpc: string;
  readonly code: string;
  readonly persona: Persona;
  readonly args: (ground: Ground) => Arguments;
}

/** What a row differs in, from the call that stands above the table. */
type Variant = readonly [code: string, over?: Said, persona?: Persona];
type Said = Arguments | ((ground: Ground) => Arguments);

/** Rows of one RPC. Each gets a fresh key where `keyed`. */
export function refusals(
  rpc: string,
  by: Persona,
  base: Said,
  variants: readonly Variant[],
  keyed = true,
): readonly Refusal[] {
  return variants.map(([code, over = {}, persona = by]) => ({
    rpc,
    code,
    persona,
    args: (ground) => ({ ...(keyed && { p_key: key() }), ...said(base, ground), ...said(over, ground) }),
  }));
}

function said(one: Said, ground: Ground): Arguments {
  return typeof one === 'function' ? one(ground) : one;
}

/** The four that every call with a reason gives. */
export const reasons: readonly Variant[] = [
  ['reason_code_invalid', { p_reason_code: 'because' }],
  ['reason_text_required', { p_reason_code: 'other', p_reason_text: ' ' }],
  ['reason_text_too_long', { p_reason_code: 'other', p_reason_text: 'x'.repeat(501) }],
  ['reason_text_personal_data', { p_reason_code: 'other', p_reason_text: 'wrote to jane@example.org' }],
];

/** What a refusal says beside its code. */
const DETAILS: Readonly<Record<string, Row>> = {
  ack_out_of_range: { last_contiguous_seq: 2 },
  approvals_required: { approvals: 2 },
  argument_too_long: { characters: 128 },
  clock_skew: { server_time: expect.any(String), skew_hint: expect.any(Number) },
  limit_exceeded: { limit: 200 },
  lookback_exceeded: { lookback_days: 30 },
  ranges_exceeded: { ranges: 20 },
  ranges_unrealistic: { scope_max_seq: 2 },
  scope_read_only: { system_mode: expect.stringMatching(/^(maintenance_write_freeze|read_only_safe)$/) },
  scope_unavailable: { system_mode: 'maintenance_full' },
};

/** Asks, and asserts the whole reply and that every row is as it was. */
export async function expectRefused(ground: Ground, { rpc, code, persona, args }: Refusal): Promise<void> {
  const { scene } = ground;
  await unchanged(scene, async () =>
    expect(await call(scene, persona, rpc, args(ground))).toEqual({ ok: false, code, ...DETAILS[code] }),
  );
}
